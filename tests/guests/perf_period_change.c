// PERF_EVENT_IOC_PERIOD on an active breakpoint: the next hit is a sample at once, the one after it follows the period that
// was in force for the last sample, and only then the new period counts (unless it is 1: then every hit is a sample).
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  // A switch to another task would begin a period of the new length; let there be none.
  sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
  const int fd = must_open(sampling(&watched, 8, 10, PERF_SAMPLE_READ));
  struct ring ring = map_ring(fd, 4);
  const uint64_t changes[] = {10, 4, 4, 15, 1, 5, 7, 3, 1000, 2};
  long before = 0;
  for (unsigned i = 0; i < sizeof changes / sizeof *changes; ++i) {
    const int result = i > 0 ? ioctl(fd, PERF_EVENT_IOC_PERIOD, &changes[i]) : 0;
    store(31);
    printf("period %lu %s, samples of hits", (unsigned long)changes[i], outcome(result));
    struct record record;
    while (next_record(&ring, &record)) printf(" %ld", (long)record.body[0] - before);
    release(&ring);
    before += 31;
    printf("\n");
  }
  printf("counted %ld\n", count(fd));
  return 0;
}
