// Sampling by time: cpu-clock and task-clock with a period give about as many samples as periods passed, each in user mode and at
// a place of the program; with a sample at each breakpoint hit beside them, none of which is lost.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
__attribute__((noipa)) static void spin(int times) { for (int i = 0; i < times; ++i) watched = i; }
extern char __executable_start[], etext[];

int main(void) {
  for (unsigned config = 0; config < 2; ++config) {
    for (int freq = 0; freq < 2; ++freq) {
      struct perf_event_attr attr = software_attr(config);
      attr.freq = (unsigned)freq;
      if (freq) attr.sample_freq = 1000; else attr.sample_period = 1000000;
      attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_PERIOD;
      attr.exclude_kernel = 1;
      attr.disabled = 1;
      const int fd = must_open(&attr, 0, -1, -1);
      struct ring ring = map_ring(fd, 16);
      struct timespec from, now;
      volatile int idle = 0;
      ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
      long passed;
      do {
        for (int i = 0; i < 10000; ++i) ++idle;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        passed = (now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec;
      } while (passed < 100000000);
      ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
      const long value = count(fd);
      int samples = 0, user = 0, self = 0, periods = 0;
      for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
        if (record->type != PERF_RECORD_SAMPLE) continue;
        ++samples;
        user += (record->misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
        self += word32(record, 16) == (uint32_t)getpid();
        periods += word64(record, 24) == 1000000;
      }
      printf("%s by %s: value about the time %d, some samples %d, not too many %d", config ? "task-clock" : "cpu-clock",
             freq ? "freq" : "period", value > passed / 2 && value < passed * 3, samples > 0, samples <= value / 1000000 + 10);
      printf(", user %d, own %d, periods %d\n", user == samples, self == samples, freq || periods == samples);
      close(fd);
    }
  }
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_TASK_CLOCK), store = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.sample_period = 2000000;
  store.sample_period = 1;
  const int clock = must_open(&attr, 0, -1, -1), stores = must_open(&store, 0, -1, -1);
  struct ring clock_ring = map_ring(clock, 8), ring = map_ring(stores, 16);
  spin(2000);
  printf("stores %ld, samples %d\n", count(stores), count_records(&ring, PERF_RECORD_SAMPLE));
  return 0;
}
