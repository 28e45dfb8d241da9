// What the arrival of an event does to those that are there already: all go on anew. A sibling whose leader was closed while
// it was disabled starts to count then, and a period that was changed begins.
//: breakpoints
#include "perf_b.h"

static volatile int watched;

static int open_software(unsigned config, int disabled, int group) {
  struct perf_event_attr attr = software_attr(config);
  attr.disabled = disabled;
  return must_open(&attr, 0, -1, group);
}
static void fault(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  volatile char* at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *at = 1;
  munmap((void*)at, page);
}
// The faults that an event counts of one.
static long counts_one(int fd) {
  const long before = count(fd);
  fault();
  return count(fd) - before;
}

// An event of the same PMU; where that has one register, of the same context, which all software PMUs had in Linux 6.1.
static int open_another(int disabled) {
  static volatile int elsewhere;
  struct perf_event_attr attr =
      kSlots > 1 ? breakpoint_attr(&elsewhere, 4, HW_BREAKPOINT_W) : software_attr(PERF_COUNT_SW_DUMMY);
  attr.disabled = disabled;
  return must_open(&attr, 0, -1, -1);
}

static void after_period(const char* what, int action) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.sample_period = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  struct ring ring = map_ring(fd, 2);
  uint64_t period = 4;
  const int other = action == 2 ? open_another(1) : -1;
  ioctl(fd, PERF_EVENT_IOC_PERIOD, &period);
  const int opened = action == 1 ? open_another(0) : -1;
  if (action == 2) ioctl(other, PERF_EVENT_IOC_ENABLE, 0);
  printf("%s:", what);
  for (int i = 0; i < 9; ++i) watched = i, printf(" %d", count_records(&ring, PERF_RECORD_SAMPLE));
  puts("");
  munmap(ring.page, 3 * (size_t)sysconf(_SC_PAGESIZE));
  close(fd), close(other), close(opened);
}

int main(void) {
  fault();
  int leader = open_software(PERF_COUNT_SW_DUMMY, 1, -1);
  int sibling = open_software(PERF_COUNT_SW_PAGE_FAULTS, 0, leader);
  close(leader);
  printf("leader closed: %ld\n", counts_one(sibling));
  const int another = open_software(PERF_COUNT_SW_DUMMY, 0, -1);
  printf("another opened: %ld\n", counts_one(sibling));
  close(sibling);
  leader = open_software(PERF_COUNT_SW_DUMMY, 1, -1);
  sibling = open_software(PERF_COUNT_SW_PAGE_FAULTS, 0, leader);
  close(leader);
  ioctl(another, PERF_EVENT_IOC_DISABLE, 0);
  printf("another disabled: %ld\n", counts_one(sibling));
  ioctl(sibling, PERF_EVENT_IOC_ENABLE, 0);
  printf("itself enabled, which it was: %ld\n", counts_one(sibling));
  ioctl(another, PERF_EVENT_IOC_ENABLE, 0);
  printf("another enabled: %ld\n", counts_one(sibling));
  close(sibling), close(another);
  after_period("a period of 4", 0);
  after_period("and another event opened", 1);
  after_period("and another event enabled", 2);
  return 0;
}
