// PERF_EVENT_IOC_REFRESH: so many samples more, then the event is disabled; only of a sampling event that is not inherited.
// (What an event does that is enabled again after its limit depends on the kernel's version, so it is not shown.)
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) {
  for (int i = 0; i < times; ++i) {
    watched = i;
    for (volatile int wait = 0; wait < 1000; ++wait) {}
  }
}

static int fd;
static struct ring ring;
static void begin(uint64_t period) {
  struct perf_event_attr attr = sampling(&watched, 8, period, PERF_SAMPLE_IP);
  attr.disabled = 1;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  fd = must_open(attr);
  ring = map_ring(fd, 2);
}
static void end(void) { close(fd), unmap_ring(&ring); }
static void refresh(int number) {
  errno = 0;
  printf("refresh %d: %s", number, outcome(ioctl(fd, PERF_EVENT_IOC_REFRESH, (long)number)));
}
static void hits(int times) {
  uint64_t values[3];
  store(times);
  read(fd, values, sizeof values);
  printf(", of %d: counted %ld, %ld samples", times, (long)values[0], take_samples(&ring));
}

int main(void) {
  begin(1), printf("disabled"), hits(5), printf("\n"), end();
  begin(1), refresh(3), hits(10), hits(10), printf("\n"), end();
  begin(1), refresh(1), hits(10), printf("\n"), end();
  begin(1), refresh(5), hits(2), hits(2), hits(2), printf("\n"), end();
  // The number is added to what is left.
  begin(1), refresh(2), hits(1), printf(", "), refresh(2), hits(1), hits(10), printf("\n"), end();
  begin(1), refresh(1), printf(", "), refresh(1), hits(10), printf("\n"), end();
  // None is no limit, and enabling neither.
  begin(1), refresh(0), hits(10), printf(", "), refresh(4), hits(10), printf("\n"), end();
  // A disabled event keeps its limit; ENABLE and RESET don't change it.
  begin(1), refresh(5), hits(2), ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), hits(10), ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), hits(1);
  ioctl(fd, PERF_EVENT_IOC_RESET, 0), hits(10), printf("\n"), end();
  begin(1), refresh(-1), hits(20), printf("\n"), end();
  begin(1), refresh(3), printf(", "), refresh(-2), hits(20), printf("\n"), end();
  // The limit is of samples, not of hits.
  begin(4), refresh(3), hits(30), printf("\n"), end();
  begin(4), refresh(1), hits(3), hits(1), hits(1), printf("\n"), end();

  // Its time ends as well.
  begin(1), refresh(1), store(1);
  uint64_t before[3], after[3];
  read(fd, before, sizeof before);
  for (volatile int i = 0; i < 100000; ++i) {}
  read(fd, after, sizeof after);
  printf(", enabled no longer %d\n", before[1] == after[1]), end();

  struct perf_event_attr attr = sampling(&watched, 8, 0, PERF_SAMPLE_IP);
  fd = must_open(attr);
  refresh(3), store(5), printf(", a counting event: counted %ld\n", count(fd));
  close(fd);
  attr.sample_period = 1;
  attr.inherit = 1;
  fd = must_open(attr);
  refresh(3), store(5), printf(", an inherited event: counted %ld\n", count(fd));
  return 0;
}
