// sigtrap with a sample period sends a signal each so many hits; PERF_EVENT_IOC_PERIOD changes that: the next hit sends one, and
// from there the old period goes on once; PERF_EVENT_IOC_REFRESH allows so many and then disables the event; without a period
// there is none.
//: breakpoints
#include "perf_b.h"

static volatile int watched, signals, at[16];
static void trapped(int signal, siginfo_t* info, void* context) {
  if (signals < 16) at[signals] = watched;
  ++signals;
}
static void measure(const char* what, int fd, int times) {
  const long before = count(fd);
  signals = 0;
  for (int i = 1; i <= times; ++i) watched = i;
  printf("%s: count %ld, %d signals, at", what, count(fd) - before, signals);
  for (int i = 0; i < signals && i < 16; ++i) printf(" %d", at[i]);
  printf("\n");
}
static const char* set_period(int fd, uint64_t period) { return outcome_of(ioctl(fd, PERF_EVENT_IOC_PERIOD, &period)); }

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  for (unsigned period = 0; period < 8; ++period) {
    attr.sample_period = period;
    const int fd = must_open(&attr, 0, -1, -1);
    printf("period %u, ", period), measure("12 hits", fd, 12), close(fd);
  }
  attr.sample_period = 3;
  const int fd = must_open(&attr, 0, -1, -1);
  measure("3, odd", fd, 4), measure("3, goes on", fd, 5);
  printf("set to 5 %s, ", set_period(fd, 5)), measure("5", fd, 12);
  printf("set to 1 %s, ", set_period(fd, 1)), measure("1", fd, 4);
  printf("set to 0 %s, ", set_period(fd, 0)), measure("0", fd, 2);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), measure("disabled", fd, 4);
  printf("refresh %s, ", outcome_of(ioctl(fd, PERF_EVENT_IOC_REFRESH, 3))), measure("3 allowed", fd, 10);
  return 0;
}
