// The software events beside a breakpoint: which of them count what the program does, which stay at 0, and those there are not.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void touch(volatile char* at, int pages) {
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < pages; ++i) at[size * (size_t)i] = 1;
}

int main(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  enum { kEvents = 11 };
  static const char* const names[kEvents] = {"cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations",
    "minor-faults", "major-faults", "alignment-faults", "emulation-faults", "dummy", "bpf-output"};
  int fds[kEvents];
  for (unsigned i = 0; i < kEvents; ++i) {
    struct perf_event_attr attr = software_attr(i);
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    fds[i] = must_open(&attr, 0, -1, -1);
  }
  const int stores = open_breakpoint(&watched, 4, HW_BREAKPOINT_W);
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  long before[kEvents];
  uint64_t got[3];
  volatile char* const at = mmap(NULL, page * 50, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#define VALUE(i) (read(fds[i], got, sizeof got), (long)got[0])
  for (int i = 0; i < kEvents; ++i) before[i] = VALUE(i);
  touch(at, 50), touch(at, 50);
  const long faults = VALUE(2) - before[2], minor = VALUE(5) - before[5];
  printf("50 new pages: %ld faults, %ld minor\n", faults, minor);
  for (int i = 0; i < 20; ++i) usleep(200), watched = i;
  for (volatile int i = 0; i < 100000; ++i) {}
  for (int i = 0; i < kEvents; ++i) {
    const long difference = VALUE(i) - before[i];
    printf("%s: %s, times %d\n", names[i], i == 3 ? difference >= 20 ? "as many as sleeps" : "fewer than sleeps" :
           i == 6 ? "as the disk wants" : difference == 0 ? "0" : "more", got[1] == got[2] && got[1] != 0);
  }
  printf("stores %ld\n", count(stores));
  // A clock's value is its time running, in nanoseconds: no more than what passes.
  struct timespec from, to;
  const long first = VALUE(1);
  clock_gettime(CLOCK_MONOTONIC, &from);
  usleep(20000);
  clock_gettime(CLOCK_MONOTONIC, &to);
  const long second = VALUE(1), slept = (to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec;
  printf("task-clock stands while asleep %d, goes on %d\n", second - first < slept / 2, second > first);
  for (unsigned config = kEvents; config < 14; ++config) {
    if (config == PERF_COUNT_SW_CGROUP_SWITCHES) continue;
    struct perf_event_attr attr = software_attr(config);
    printf("config %u: %s\n", config, outcome_of(open_on(&attr, 0, -1, -1)));
  }
  struct perf_event_attr attr = software_attr(0);
  attr.config = 1ull << 32;
  printf("config 1 << 32: %s\n", outcome_of(open_on(&attr, 0, -1, -1)));
  return 0;
}
