// A full ring buffer: samples are lost, and counted; a record of how many comes before the next sample that there is room for.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(long times) { for (long i = 0; i < times; ++i) watched = i; }

static int fd;
static struct ring ring;
static long capacity, last_lost;

// The records in the buffer, as they come, samples together; counts are relative to the buffer's capacity if near.
static void tell_number(long number) {
  if (number > capacity / 2) printf("capacity%+ld", number - capacity);
  else printf("%ld", number);
}
static void tell(const char* what, long most) {
  struct { uint64_t count, id, lost; } values;
  read(fd, &values, sizeof values);
  printf("%s: lost %ld;", what, (long)values.lost - last_lost);
  last_lost = (long)values.lost;
  struct record record;
  long samples = 0;
  while (most-- > 0 && next_record(&ring, &record)) {
    if (record.header.type == PERF_RECORD_SAMPLE && ++samples) continue;
    if (samples) printf(" "), tell_number(samples), printf(" samples,"), samples = 0;
    printf(" record %u of size %u, misc %u, id %d: %ld lost,", record.header.type, record.header.size, record.header.misc,
           record.body[0] == values.id, (long)record.body[1]);
  }
  printf(" "), tell_number(samples), printf(" samples\n");
  release(&ring);
}

static void with(uint64_t type, int sample_id_all) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, type);
  attr.read_format = PERF_FORMAT_ID | PERF_FORMAT_LOST;
  attr.sample_id_all = sample_id_all;
  fd = must_open(attr);
  ring = map_ring(fd, 1);
  store(1);
  struct record record;
  next_record(&ring, &record), release(&ring);
  const unsigned size = record.header.size;
  capacity = (long)(ring.size / size);
  printf("%u bytes a sample, sample_id_all %d, capacity * size %s the buffer's\n", size, sample_id_all,
         capacity * size == ring.size ? "is" : "is below");
  store(capacity + 10), tell("10 more than there is room for", 1 << 30);
  store(1), tell("one more", 1 << 30);
  store(3), tell("three more", 1 << 30);
  store(capacity + 5), tell("one read", 1);
  store(2), tell("two read", 2);
  store(2), tell("five read", 5);
  store(20), tell("all read", 1 << 30);
  store(capacity + 2), ioctl(fd, PERF_EVENT_IOC_RESET, 0), tell("reset", 1 << 30);
  store(1), tell("another", 1 << 30);
  last_lost = 0;
  close(fd), unmap_ring(&ring);
}

int main(void) {
  with(PERF_SAMPLE_ADDR, 0);
  with(PERF_SAMPLE_ADDR, 1);
  with(PERF_SAMPLE_ADDR | PERF_SAMPLE_IP, 0);
  with(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_CPU, 1);
  with(PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR, 1);
  return 0;
}
