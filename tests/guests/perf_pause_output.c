// PERF_EVENT_IOC_PAUSE_OUTPUT: hits are counted, but their samples are lost until it goes on.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static int fd;
static void tell(const char* what, struct ring* ring) {
  struct { uint64_t count, lost; } values;
  const long size = read(fd, &values, sizeof values);
  printf("%s: read %d, counted %d, lost %d;", what, (int)size, (int)values.count, (int)values.lost);
  struct record record;
  int samples = 0;
  while (next_record(ring, &record)) {
    if (record.header.type == PERF_RECORD_SAMPLE) ++samples;
    else printf(" %d samples, type %u of %d lost", samples, record.header.type, (int)record.body[1]), samples = 0;
  }
  printf(" %d samples\n", samples);
  release(ring);
}
static void pause_output(long argument) {
  errno = 0;
  printf("pause %ld: %s, ", argument, outcome(ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, argument)));
}

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  attr.read_format = PERF_FORMAT_LOST;
  fd = must_open(attr);
  pause_output(1), store(2), printf("without a buffer\n");
  struct ring ring = map_ring(fd, 1);
  store(3), tell("mapped", &ring);
  pause_output(1), store(4), tell("paused", &ring);
  store(5), tell("still", &ring);
  pause_output(1), store(1), tell("again", &ring);
  pause_output(0), tell("resumed", &ring);
  store(1), tell("one more", &ring);
  store(2), tell("two more", &ring);
  pause_output(-1), store(1), tell("paused", &ring);
  ioctl(fd, PERF_EVENT_IOC_RESET, 0), tell("reset", &ring);
  pause_output(0), store(2), tell("resumed", &ring);
  unmap_ring(&ring);
  pause_output(0), printf("unmapped\n");
  ring = map_ring_as(fd, 0, PROT_READ | PROT_WRITE);
  pause_output(0), store(2), printf("with a buffer of no pages\n");
  return 0;
}
