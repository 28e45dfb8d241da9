// freq: samples are taken at about a frequency, some but not at each hit; the period of each is in it. The frequency can be
// changed by PERF_EVENT_IOC_PERIOD.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.freq = 1;
  attr.sample_freq = 100;
  attr.sample_type = PERF_SAMPLE_PERIOD | PERF_SAMPLE_TIME;
  const int fd = must_open(&attr, 0, -1, -1);
  struct ring ring = map_ring(fd, 64);
  store(15000);
  int samples = 0, first = 0, zero = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    if (record->type != PERF_RECORD_SAMPLE) continue;
    const uint64_t period = word64(record, 16);
    if (samples++ == 0) first = (int)period;
    zero += period == 0;
  }
  printf("count %ld, some samples %d, fewer than hits %d, first period %d, none of 0 %d\n", count(fd), samples > 0,
         samples < 15000, first, zero == 0);
  uint64_t period = 200;
  printf("another frequency: %s", outcome_of(ioctl(fd, PERF_EVENT_IOC_PERIOD, &period)));
  period = 0;
  printf(", 0: %s", outcome_of(ioctl(fd, PERF_EVENT_IOC_PERIOD, &period)));
  period = 1ull << 40;
  printf(", too high: %s\n", outcome_of(ioctl(fd, PERF_EVENT_IOC_PERIOD, &period)));
  attr.sample_freq = 1ull << 40;
  printf("opened with too high a frequency: %s\n", outcome_of(open_on(&attr, 0, -1, -1)));
  return 0;
}
