// PERF_SAMPLE_PERIOD makes of a breakpoint without frequency a sample of every hit, of period 1, whatever sample_period is.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void with(const char* what, struct perf_event_attr attr) {
  const int fd = must_open(attr);
  struct ring ring = map_ring(fd, 4);
  store(50);
  struct record record;
  long samples = 0, least = 1 << 30, most = 0;
  while (next_record(&ring, &record)) {
    ++samples;
    const long period = attr.sample_type & PERF_SAMPLE_PERIOD ? record.body[1] : 0;
    if (period < least) least = period;
    if (period > most) most = period;
  }
  printf("%s: counted %ld, %ld samples", what, count(fd), samples);
  if (samples > 0) printf(", of periods %ld to %ld", least, most);
  printf("\n");
  close(fd), unmap_ring(&ring);
}

int main(void) {
  with("every 10th", sampling(&watched, 8, 10, PERF_SAMPLE_ADDR));
  with("every one, its period", sampling(&watched, 8, 1, PERF_SAMPLE_ADDR | PERF_SAMPLE_PERIOD));
  with("every 10th, its period", sampling(&watched, 8, 10, PERF_SAMPLE_ADDR | PERF_SAMPLE_PERIOD));
  with("every 1000th, its period", sampling(&watched, 8, 1000, PERF_SAMPLE_ADDR | PERF_SAMPLE_PERIOD));
  with("none, its period", sampling(&watched, 8, 0, PERF_SAMPLE_ADDR | PERF_SAMPLE_PERIOD));
  struct perf_event_attr attr = sampling(&watched, 8, 0, PERF_SAMPLE_ADDR | PERF_SAMPLE_PERIOD);
  attr.freq = 1;
  with("frequency 0, its period", attr);
  return 0;
}
