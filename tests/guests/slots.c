// As many breakpoints as there are registers; one more is refused, and closing one makes room.
//: breakpoints
#include "breakpoint.h"

static volatile int watched[8];

int main(void) {
  int fds[kSlots];
  for (int i = 0; i < kSlots; ++i) fds[i] = open_breakpoint(&watched[2 * i & 7], 4, HW_BREAKPOINT_W);
  printf("all taken\n");
  struct perf_event_attr attr = breakpoint_attr(&watched[1], 4, HW_BREAKPOINT_W);
  for (int disabled = 0; disabled < 2; ++disabled) {
    attr.disabled = disabled != 0;
    errno = 0;
    const int more = open_event(&attr);
    printf("one more: %d %s\n", more, strerrorname_np(errno));
  }
  attr.disabled = 0;
  ioctl(fds[0], PERF_EVENT_IOC_DISABLE, 0);
  errno = 0;
  const int still = open_event(&attr);
  printf("a disabled one keeps its slot: %d %s\n", still, strerrorname_np(errno));
  const int copy = dup(fds[0]);
  close(fds[0]);
  errno = 0;
  const int held = open_event(&attr);
  printf("so does one with a second descriptor: %d %s\n", held, strerrorname_np(errno));
  close(copy);
  const int fd = open_event(&attr);
  printf("closed: %d\n", fd >= 0);
  for (int i = 0; i < 6; ++i) watched[1] = i, watched[0] = i;
  printf("%ld\n", count(fd));
  for (int i = 0; i < 50; ++i) {
    close(i == 0 ? fd : fds[0]);
    fds[0] = open_breakpoint(&watched[3], 4, HW_BREAKPOINT_W);
  }
  watched[3] = 1;
  printf("opened and closed often: %ld\n", count(fds[0]));
  return 0;
}
