// x86: several events on one variable and on parts of it; each counts by itself.
//: breakpoints
//: isa x86-64
#include "breakpoint.h"

static volatile union { uint64_t whole; uint32_t half[2]; uint8_t byte[8]; } watched;

int main(void) {
  const int writes = open_breakpoint(&watched, 8, HW_BREAKPOINT_W);
  const int all = open_breakpoint(&watched, 8, HW_BREAKPOINT_RW);
  const int upper = open_breakpoint(&watched.half[1], 4, HW_BREAKPOINT_W);
  const int last = open_breakpoint(&watched.byte[7], 1, HW_BREAKPOINT_RW);
  uint64_t sum = 0;
  for (unsigned i = 0; i < 10; ++i) watched.whole = i;
  for (unsigned i = 0; i < 20; ++i) sum += watched.whole;
  for (unsigned i = 0; i < 3; ++i) watched.half[0] = i;
  for (unsigned i = 0; i < 4; ++i) watched.half[1] = i;
  for (unsigned i = 0; i < 5; ++i) watched.byte[7] = (uint8_t)i;
  for (unsigned i = 0; i < 6; ++i) sum += watched.byte[6];
  printf("%ld %ld %ld %ld\n", count(writes), count(all), count(upper), count(last));
  ioctl(all, PERF_EVENT_IOC_DISABLE, 0);
  watched.whole = sum;
  printf("%ld %ld %ld %ld\n", count(writes), count(all), count(upper), count(last));
  return 0;
}
