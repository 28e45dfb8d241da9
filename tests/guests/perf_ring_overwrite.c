// A ring buffer mapped read-only is overwritten: nothing is lost but the oldest. With write_backward, the head goes down, and
// what is there from it on is whole: the newest first.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(long times) { for (long i = 0; i < times; ++i) watched = i; }

// The samples from the head on, the newest first, by the count that they hold.
static void tell_backward(const struct ring* ring, long newest) {
  long samples = 0, good = 1;
  const uint64_t head = head_of(ring);
  for (uint64_t at = head; at - head < ring->size; ++samples) {
    struct record record;
    ring_copy(ring, at, &record.header, sizeof record.header);
    if (record.header.size == 0 || at + record.header.size - head > ring->size) break;
    ring_copy(ring, at, &record, record.header.size);
    good &= record.header.type == PERF_RECORD_SAMPLE && record.body[0] == newest - samples;
    at += record.header.size;
  }
  printf("head %s, ", head == 0 ? "0" : (int64_t)head > 0 ? "above 0" : "below 0");
  if (samples > 20) printf("samples as many as there is room for %d", samples == ring->size / 16);
  else printf("samples %ld", samples);
  printf(", good %ld\n", good);
}

static long lost(int fd) {
  uint64_t values[2];
  read(fd, values, sizeof values);
  return (long)values[1];
}

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_READ);
  attr.read_format = 0;
  int fd = must_open(attr);
  struct ring ring = map_ring_as(fd, 1, PROT_READ);
  const long capacity = (long)(ring.size / 16);
  store(3);
  printf("overwritten: head %d, tail %d", (int)head_of(&ring), (int)ring.page->data_tail);
  store(capacity * 3 - 3);
  printf(", after three times the buffer: head %d times its size", (int)(head_of(&ring) / ring.size));
  long good = 1;
  for (long i = 0; i < capacity; ++i) {
    struct record record;
    ring_copy(&ring, (uint64_t)i * 16, &record, 16);
    good &= record.header.type == PERF_RECORD_SAMPLE && record.body[0] == capacity * 2 + i + 1;
  }
  printf(", the last ones there %ld, counted all %d\n", good, count(fd) == capacity * 3);
  const int protect = mprotect((void*)ring.page, page_size(), PROT_READ | PROT_WRITE);
  printf("a page of it may be made writable: %s", outcome(protect));
  printf(", all %s", outcome(mprotect((void*)ring.page, 2 * page_size(), PROT_READ | PROT_WRITE)));
  store(capacity + 1);
  printf(", is overwritten still %d\n", head_of(&ring) == ring.size * 4 + 16);
  unmap_ring(&ring), close(fd);

  attr.read_format = PERF_FORMAT_LOST;
  fd = must_open(attr);
  ring = map_ring_as(fd, 1, PROT_READ);
  store(capacity * 2), printf("overwritten: lost %ld", lost(fd));
  unmap_ring(&ring);
  ring = map_ring(fd, 1);
  // Now a sample has 24 bytes.
  store(capacity * 2), printf(", not: lost all but those there is room for %d\n", lost(fd) == capacity * 2 - ring.size / 24);
  close(fd), unmap_ring(&ring);

  attr.write_backward = 1;
  attr.read_format = 0;
  fd = must_open(attr);
  ring = map_ring_as(fd, 1, PROT_READ);
  printf("backward, overwritten: "), tell_backward(&ring, 0);
  store(1), printf(" 1 hit: "), tell_backward(&ring, 1);
  store(4), printf(" 5 hits: "), tell_backward(&ring, 5);
  store(capacity), printf(" the buffer and 5: "), tell_backward(&ring, capacity + 5);
  // To read it, it is paused.
  ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1), store(7);
  printf(" paused: "), tell_backward(&ring, capacity + 5);
  ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 0);
  close(fd), unmap_ring(&ring);

  fd = must_open(attr);
  ring = map_ring(fd, 1);
  store(5), printf("backward, not overwritten, 5 hits: "), tell_backward(&ring, 5);
  const uint64_t before = head_of(&ring);
  store(capacity), printf(" the buffer and 5: moved on by all but one sample %d\n", before - head_of(&ring) == ring.size - 96);
  __atomic_store_n(&ring.page->data_tail, head_of(&ring), __ATOMIC_RELEASE);
  store(1);
  struct record record;
  ring_copy(&ring, head_of(&ring), &record, 24);
  printf(" all read, 1 hit: record %u of %d lost\n", record.header.type, (int)record.body[1]);
  close(fd), unmap_ring(&ring);
  return 0;
}
