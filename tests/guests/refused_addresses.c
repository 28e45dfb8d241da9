// Lengths, alignments and types that one instruction set's registers can express and the other's cannot.
//: breakpoints
//: differs ppc64
#include "breakpoint.h"

static volatile long long watched[4];

static void attempt(unsigned offset, unsigned length, unsigned type) {
  struct perf_event_attr attr = breakpoint_attr((volatile char*)watched + offset, length, type);
  const int fd = open_event(&attr);
  printf("+%u of %u, type %u: %s\n", offset, length, type, fd >= 0 ? "ok" : strerrorname_np(errno));
  if (fd >= 0) close(fd);
}

int main(void) {
  for (unsigned length = 1; length <= 9; ++length) attempt(0, length, HW_BREAKPOINT_W);
  for (unsigned offset = 1; offset <= 7; ++offset) attempt(offset, 1, HW_BREAKPOINT_RW), attempt(offset, 2, HW_BREAKPOINT_RW), attempt(offset, 4, HW_BREAKPOINT_RW);
  attempt(0, 8, HW_BREAKPOINT_R), attempt(0, 8, HW_BREAKPOINT_RW), attempt(0, 8, HW_BREAKPOINT_X), attempt(0, 4, HW_BREAKPOINT_X), attempt(0, 1, HW_BREAKPOINT_X);
  attempt(0, 0, HW_BREAKPOINT_W), attempt(0, ~0u, HW_BREAKPOINT_W), attempt(0, 8, HW_BREAKPOINT_W | HW_BREAKPOINT_X);
  return 0;
}
