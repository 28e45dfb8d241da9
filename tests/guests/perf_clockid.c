// use_clockid: a sample's time is by the clock that is asked for, between those that clock_gettime(2) gives before and after.
// For breakpoints only clocks can be asked for that can be read at any time; for page faults others, too.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static uint64_t now(int clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
static const struct { int clock; const char* name; } clocks[] = {{CLOCK_REALTIME, "realtime"}, {CLOCK_MONOTONIC, "monotonic"},
  {CLOCK_PROCESS_CPUTIME_ID, "process"}, {CLOCK_THREAD_CPUTIME_ID, "thread"}, {CLOCK_MONOTONIC_RAW, "monotonic raw"},
  {CLOCK_REALTIME_COARSE, "realtime coarse"}, {CLOCK_MONOTONIC_COARSE, "monotonic coarse"}, {CLOCK_BOOTTIME, "boottime"},
  {CLOCK_REALTIME_ALARM, "realtime alarm"}, {CLOCK_BOOTTIME_ALARM, "boottime alarm"}, {CLOCK_TAI, "tai"}, {12, "12"}, {-1, "-1"}};

static void measure(struct perf_event_attr attr, volatile char* at, size_t step) {
  for (unsigned i = 0; i < sizeof clocks / sizeof clocks[0]; ++i) {
    attr.sample_period = 1;
    attr.sample_type = PERF_SAMPLE_TIME;
    attr.use_clockid = 1;
    attr.clockid = clocks[i].clock;
    const int fd = open_on(&attr, 0, -1, -1);
    printf("  %s: %s", clocks[i].name, outcome_of(fd));
    if (fd < 0) { printf("\n"); continue; }
    struct ring ring = map_ring(fd, 1);
    uint64_t times[10];
    for (int j = 0; j < 10; j += 2) {
      times[j] = now(clocks[i].clock);
      *at = 1, at += step;
      times[j + 1] = now(clocks[i].clock);
    }
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    int samples = 0, between = 0;
    for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL; ++samples) {
      const uint64_t time = word64(record, 8);
      between += samples < 5 && time >= times[samples * 2] && time <= times[samples * 2 + 1];
    }
    printf(", %d samples, %d between\n", samples, between);
    close(fd), munmap(ring.page, 2 * sysconf(_SC_PAGESIZE));  // which has it open, too
  }
}

int main(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  now(CLOCK_MONOTONIC);
  printf("breakpoint\n");
  measure(breakpoint_attr(&watched, 4, HW_BREAKPOINT_W), (volatile char*)&watched, 0);
  printf("page faults\n");
  struct perf_event_attr faults = software_attr(PERF_COUNT_SW_PAGE_FAULTS);
  faults.exclude_kernel = 1;
  measure(faults, mmap(NULL, page * 100, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page);
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.clockid = CLOCK_TAI;
  printf("a clock that is not used: %s\n", outcome_of(open_on(&attr, 0, -1, -1)));
  return 0;
}
