// The first process waits for a child that loops for ever: cycles are what ends it.
//: memory 64M
//: cycles 50000000
//: status 152
//: says stopped after 50000000 cycles
#include "hostile.h"

int main(void) {
  const pid_t child = fork();
  if (child == 0) {
    for (int number = 1; number <= 64; ++number) signal(number, SIG_IGN);
    for (;;);
  }
  waitpid(child, NULL, 0);
}
