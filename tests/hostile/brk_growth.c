// A heap that grows until it cannot.
//: memory 64M
//: prints killed by 9
//: prints sbrk: ENOMEM
#include "hostile.h"

int main(void) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) {
      char* const at = sbrk(1 << 20);
      if (at == (void*)-1) _exit(1);
      touch(at, 1 << 20);
    }
  }
  show_end(child);
  while (sbrk(1L << 30) != (void*)-1);
  say("sbrk: %s\n", strerrorname_np(errno));
}
