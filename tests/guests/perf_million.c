// A million samples through a ring buffer, from a thread on one processor to a reader on another: none is lost where the
// reader keeps up, and where it does not every lost one is counted.
//: expected
//: cpus 2
#include "perf.h"

enum { kHits = 1000000 };
static volatile long long watched;
static pthread_barrier_t barrier;
static volatile int tid, done, work;
static HITS void store(void) {
  const int between = work;
  for (int i = 0; i < kHits; ++i) {
    watched = i;
    for (int j = 0; j < between; ++j) asm volatile("");
  }
}
static void* producer(void* unused) {
  tid = gettid();
  pthread_barrier_wait(&barrier), pthread_barrier_wait(&barrier);
  store(), done = 1;
  return unused;
}

static void with(unsigned pages, int between, int sleeps) {
  pthread_t thread;
  done = 0, work = between;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&thread, NULL, producer, NULL);
  pthread_barrier_wait(&barrier);
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_READ);
  attr.read_format = PERF_FORMAT_LOST;
  attr.wakeup_events = 64;
  const int fd = (int)open_as(&attr, tid, -1, -1, 0);
  struct ring ring = map_ring(fd, pages);
  pthread_barrier_wait(&barrier);

  long samples = 0, recorded = 0, bad = 0, last = 0;
  for (int finished = 0; !finished;) {
    struct pollfd polled = {fd, POLLIN, 0};
    poll(&polled, 1, 1);
    if (sleeps) usleep(10000);
    finished = done;
    // Records are of words: none of these goes over the end.
    const uint64_t head = head_of(&ring), mask = ring.size - 1;
#define WORD(n) (*(uint64_t*)(ring.data + ((ring.tail + 8 * (n)) & mask)))
    while (ring.tail != head) {
      const uint64_t first = WORD(0);
      struct perf_event_header header;
      memcpy(&header, &first, sizeof header);
      if (header.type == PERF_RECORD_LOST) {
        recorded += (long)WORD(2);
      } else {
        // Count and lost so far: with each sample, the hits before it are accounted for.
        const long count = (long)WORD(1);
        ++samples;
        bad += header.type != PERF_RECORD_SAMPLE || count != samples + (long)WORD(2) || count <= last;
        last = count;
      }
      ring.tail += header.size;
    }
    release(&ring);
  }
  pthread_join(thread, NULL);
  uint64_t values[2];
  read(fd, values, sizeof values);
  printf("hits %ld, bad %ld, samples and lost %ld", (long)values[0], bad, samples + (long)values[1]);
  if (sleeps) printf(", some lost %d, recorded those before the last sample %d\n", values[1] > 0, recorded == last - samples);
  else printf(", lost %ld, recorded %ld\n", (long)values[1], recorded);
  close(fd), unmap_ring(&ring);
}

int main(void) {
  with(256, 200, 0);
  with(1, 0, 1);
  return 0;
}
