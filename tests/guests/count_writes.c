// A counting breakpoint on writes: stores of a loop, not loads.
//: breakpoints
#include "breakpoint.h"

static volatile int watched, other;

int main(void) {
  const int fd = open_breakpoint(&watched, 4, HW_BREAKPOINT_W);
  printf("%ld", count(fd));
  for (int i = 0; i < 100; ++i) watched = i, other = watched;
  printf(" %ld", count(fd));
  for (int i = 0; i < 10; ++i) other = i + watched;
  printf(" %ld", count(fd));
  watched = watched + 1;
  printf(" %ld\n", count(fd));
  return other != 9 + 99;
}
