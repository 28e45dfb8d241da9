// Events that are pinned or exclusive: they count like others; neither makes way for a further breakpoint, which is refused.
//: breakpoints
#include "perf_b.h"

static volatile long long watched[8];
static void store(int times) { for (int i = 0; i < times; ++i) for (int j = 0; j < 8; ++j) watched[j] = i; }

int main(void) {
  int fds[kSlots], good = 1;
  for (int pinned = 0; pinned < 2; ++pinned) {
    for (int exclusive = 0; exclusive < 2; ++exclusive) {
      for (int i = 0; i < kSlots; ++i) {
        struct perf_event_attr attr = breakpoint_attr(&watched[i], 8, HW_BREAKPOINT_W);
        attr.pinned = (unsigned)pinned;
        attr.exclusive = (unsigned)exclusive;
        attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
        fds[i] = must_open(&attr, 0, -1, -1);
      }
      struct perf_event_attr attr = breakpoint_attr(&watched[7], 8, HW_BREAKPOINT_W);
      attr.pinned = 1;
      printf("pinned %d, exclusive %d: another %s", pinned, exclusive, outcome_of(open_on(&attr, 0, -1, -1)));
      struct perf_event_attr dummy = software_attr(PERF_COUNT_SW_TASK_CLOCK);
      dummy.pinned = 1;
      dummy.exclusive = 1;
      const int clock = must_open(&dummy, 0, -1, -1);
      store(10);
      for (int i = 0; i < kSlots; ++i) {
        uint64_t got[3];
        const long size = (long)read(fds[i], got, sizeof got);
        good &= size == 24 && got[0] == 10 && got[1] == got[2] && got[1] != 0;
      }
      printf(", counts and times %d, exclusive clock %d\n", good, count(clock) > 0);
      for (int i = 0; i < kSlots; ++i) close(fds[i]);
      close(clock);
    }
  }
  struct perf_event_attr attr = breakpoint_attr(watched, 8, HW_BREAKPOINT_W);
  attr.pinned = 1;
  attr.disabled = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), store(3);
  const long first = count(fd);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), store(5), ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), store(7);
  printf("pinned, enabled and disabled: %ld %ld\n", first, count(fd));
  return 0;
}
