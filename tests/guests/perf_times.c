// The times enabled and running: none while disabled, equal while a breakpoint has its slot, not reset by RESET.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static struct values { uint64_t count, enabled, running; } last;
static void tell(const char* what, int fd) {
  struct values now;
  const long size = read(fd, &now, sizeof now);
  printf("%s: %s counted %d, enabled %s, running %s\n", what, size == sizeof now ? "read," : "?", (int)now.count,
         now.enabled == last.enabled ? "no longer" : now.enabled > last.enabled ? "longer" : "less",
         now.running == now.enabled ? "as long" : now.running < now.enabled ? "less" : "more");
  last = now;
}
static void spend(void) { for (volatile int i = 0; i < 100000; ++i) {} }

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attr.disabled = 1;
  const int fd = must_open(attr);
  spend(), store(1), tell("at first disabled", fd);
  spend(), store(1), tell("still", fd);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), spend(), store(2), tell("enabled", fd);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), spend(), store(2), tell("again", fd);
  ioctl(fd, PERF_EVENT_IOC_RESET, 0), spend(), tell("reset", fd);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), spend(), store(4), tell("disabled", fd);
  spend(), tell("for long", fd);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), spend(), store(4), tell("again", fd);
  ioctl(fd, PERF_EVENT_IOC_RESET, 0), spend(), store(4), tell("reset then", fd);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP), store(5), tell("enabled with its group", fd);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP), store(5), tell("disabled with its group", fd);
  ioctl(fd, PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP), tell("reset with its group", fd);

  // Of a task that sleeps, an event's time stands still; its own reading of it is up to date.
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  struct values before, after;
  struct timespec start, end;
  read(fd, &before, sizeof before);
  clock_gettime(CLOCK_MONOTONIC, &start);
  usleep(50000);
  clock_gettime(CLOCK_MONOTONIC, &end);
  read(fd, &after, sizeof after);
  const uint64_t slept = (end.tv_sec - start.tv_sec) * 1000000000ull + end.tv_nsec - start.tv_nsec;
  printf("asleep: enabled for less %d\n", after.enabled - before.enabled < slept / 2);
  return 0;
}
