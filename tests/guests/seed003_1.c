// Requirement 1 of the request of 2010: four pinned breakpoints (as many as there are slots) of one byte each, that are triggered
// by writes, by reads and writes, and (x86) by execution; no other byte triggers them, and a fifth is refused.
//: breakpoints
#include "perf_b.h"

static volatile unsigned char bytes[16];
__attribute__((noipa)) static int executed(int x) { return x * 3; }

int main(void) {
  int fds[kSlots], good = 1, refused = 1, sum = 0;
  for (int first = 0; first < 16; ++first) {
    for (int i = 0; i < kSlots; ++i) {
      struct perf_event_attr attr = breakpoint_attr(&bytes[(first + i) % 16], 1, i & 1 ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W);
      attr.pinned = 1;
      fds[i] = must_open(&attr, 0, -1, -1);
    }
    struct perf_event_attr attr = breakpoint_attr(&bytes[15], 1, HW_BREAKPOINT_W);
    attr.pinned = 1;
    refused &= open_on(&attr, 0, -1, -1) < 0 && errno == ENOSPC;
    for (int j = 0; j < 16; ++j) for (int times = 0; times <= j; ++times) bytes[j] = (unsigned char)times;
    for (int j = 0; j < 16; ++j) sum += bytes[j] + bytes[j];
    for (int i = 0; i < kSlots; ++i) good &= count(fds[i]) == (first + i) % 16 + 1 + (i & 1 ? 2 : 0), close(fds[i]);
  }
  printf("bytes written or read %d, one more refused %d\n", good, refused);
#if defined(__x86_64__)
  struct perf_event_attr attr = breakpoint_attr((void*)executed, sizeof(long), HW_BREAKPOINT_X);
  attr.pinned = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  for (int i = 0; i < 100; ++i) sum += executed(i);
  good = count(fd) == 100;
#endif
  printf("executed %d\n", good);
  return sum == 0;
}
