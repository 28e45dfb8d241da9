// sample_period: a sample of every so manyth hit, and no other; every hit is counted. PERF_EVENT_IOC_PERIOD changes it
// (see perf_period_change).
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void with_period(uint64_t period) {
  const int fd = must_open(sampling(&watched, 8, period, PERF_SAMPLE_ADDR));
  struct ring ring = map_ring(fd, 4);
  printf("period %lu:", (unsigned long)period);
  long hits = 0, samples = 0;
  for (int step = 1; step < 300; step = step * 3 + 1) {
    store(step);
    hits += step, samples += take_samples(&ring);
    printf(" %ld of %ld", samples, hits);
    if (count(fd) != hits) printf(" COUNTED %ld", count(fd));
  }
  printf("\n");
  close(fd), unmap_ring(&ring);
}

int main(void) {
  const uint64_t periods[] = {1, 2, 7, 10, 100, 178, 179, 180, 1ul << 62};
  for (unsigned i = 0; i < sizeof periods / sizeof *periods; ++i) with_period(periods[i]);

  // A change while it is disabled begins a period.
  struct perf_event_attr attr = sampling(&watched, 8, 10, PERF_SAMPLE_ADDR);
  int fd = must_open(attr);
  struct ring ring = map_ring(fd, 4);
  store(17), printf("period 10: %ld of 17\n", take_samples(&ring));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), store(20);
  uint64_t value = 6;
  printf("disabled: %s", outcome(ioctl(fd, PERF_EVENT_IOC_PERIOD, &value)));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), store(30), printf(", then enabled: %ld of 30\n", take_samples(&ring));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), ioctl(fd, PERF_EVENT_IOC_PERIOD, &(uint64_t){20}), ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  // Disabling and resetting keep what has been passed of a period.
  for (int i = 0; i < 4; ++i) {
    store(13), ioctl(fd, PERF_EVENT_IOC_RESET, 0);
    printf("%ld of 13, counted %ld; ", take_samples(&ring), count(fd));
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), store(13), ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  }
  printf("\n");

  const uint64_t bad[] = {0, 1ull << 63, -1ull, (1ull << 63) - 1};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; ++i)
    printf("period %lx: %s\n", (unsigned long)bad[i], outcome(ioctl(fd, PERF_EVENT_IOC_PERIOD, &bad[i])));
  printf("no period: %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_PERIOD, 8)));
  close(fd), unmap_ring(&ring);
  attr.sample_period = 0;
  fd = must_open(attr);
  printf("a counting event: %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_PERIOD, &(uint64_t){3})));
  close(fd);
  attr.freq = 1, attr.sample_freq = 100;
  fd = must_open(attr);
  const uint64_t frequencies[] = {0, 1, 200, 1ull << 40, 1ull << 63};
  for (unsigned i = 0; i < sizeof frequencies / sizeof *frequencies; ++i)
    printf("frequency %lu: %s\n", (unsigned long)frequencies[i], outcome(ioctl(fd, PERF_EVENT_IOC_PERIOD, &frequencies[i])));
  return 0;
}
