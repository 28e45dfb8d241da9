// x86: an execution breakpoint on an instruction that itself stores to a watched variable: both count.
//: breakpoints
//: isa x86-64
#include "breakpoint.h"

static volatile long watched;

int main(void) {
  extern char marked[];
  const int execution = open_breakpoint(marked, sizeof(long), HW_BREAKPOINT_X);
  const int store = open_breakpoint(&watched, 8, HW_BREAKPOINT_W);
  __asm__ volatile(".globl marked\nmarked: movq $1, %0" : "=m"(watched));
  printf("%ld %ld\n", count(execution), count(store));
  return 0;
}
