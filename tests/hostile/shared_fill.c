// Shared memory until there is none.
//: memory 64M
//: prints killed by 9
//: prints killed by 9
#include "hostile.h"

int main(void) {
  char* const common = shared(50 << 20);
  for (int i = 0; i < 2; ++i) {
    const pid_t child = fork();
    if (child == -1) return 1;
    if (child == 0) {
      touch(common, 50 << 20);
      for (;;) touch(shared(16 << 20), 16 << 20);
    }
    show_end(child);
  }
}
