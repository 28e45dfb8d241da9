// x86: a counting breakpoint on execution counts the times that control reaches an instruction.
//: breakpoints
//: isa x86-64
#include "breakpoint.h"

__attribute__((noinline)) static int step(volatile int* n) { return ++*n; }
__attribute__((noinline)) static int other(volatile int* n) { return --*n; }

int main(void) {
  volatile int n = 0;
  const int fd = open_breakpoint((void*)(uintptr_t)step, sizeof(long), HW_BREAKPOINT_X);
  for (int i = 0; i < 25; ++i) step(&n), other(&n);
  printf("%ld", count(fd));
  int (*volatile indirect)(volatile int*) = step;
  for (int i = 0; i < 5; ++i) indirect(&n);
  printf(" %ld %d\n", count(fd), n);
  // Two neighbours in the middle of a loop.
  extern char marked[], behind[];
  const int at_first = open_breakpoint(marked, sizeof(long), HW_BREAKPOINT_X);
  const int at_next = open_breakpoint(behind, sizeof(long), HW_BREAKPOINT_X);
  long rounds = 40, sum = 0;
  __asm__ volatile("1:\n.globl marked\nmarked: add %0, %1\n.globl behind\nbehind: dec %0\n\tjnz 1b" : "+r"(rounds), "+r"(sum));
  printf("%ld %ld %ld\n", count(at_first), count(at_next), sum);
  return 0;
}
