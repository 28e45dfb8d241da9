// A counting breakpoint on reads and writes: each load and each store is one.
//: breakpoints
#include "breakpoint.h"

static volatile long watched, other;

int main(void) {
  const int fd = open_breakpoint(&watched, 8, HW_BREAKPOINT_RW);
  for (int i = 0; i < 50; ++i) watched = i;
  printf("%ld", count(fd));
  for (int i = 0; i < 30; ++i) other = watched;
  printf(" %ld", count(fd));
  const long value = watched;
  watched = value + 1;
  printf(" %ld\n", count(fd));
  return 0;
}
