// A thread that reads the ring buffer while another fills it: every hit is a sample, in order, or lost, and counted so.
//: breakpoints
//: cpus 2
#include "perf.h"

enum { kHits = 20000 };
static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static pthread_barrier_t opened;
static volatile int tid, done;
static void* producer(void* unused) {
  tid = gettid();
  pthread_barrier_wait(&opened);
  pthread_barrier_wait(&opened);
  store(kHits);
  done = 1;
  return unused;
}

static void with(unsigned pages, unsigned wakeup_events, int patient) {
  pthread_t thread;
  tid = done = 0;
  pthread_barrier_init(&opened, NULL, 2);
  pthread_create(&thread, NULL, producer, NULL);
  pthread_barrier_wait(&opened);
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_TID | PERF_SAMPLE_READ);
  attr.wakeup_events = wakeup_events;
  attr.read_format = PERF_FORMAT_LOST;
  const int fd = (int)open_as(&attr, tid, -1, -1, 0);
  struct ring ring = map_ring(fd, pages);
  pthread_barrier_wait(&opened);

  struct record record;
  long samples = 0, lost = 0, bad = 0, last = 0, turns = 0;
  for (;;) {
    const int finished = done;
    struct pollfd polled = {fd, POLLIN, 0};
    if (!finished) poll(&polled, 1, patient ? 20 : 0);
    while (next_record(&ring, &record)) {
      if (record.header.type == PERF_RECORD_SAMPLE) {
        ++samples;
        bad += ((uint32_t*)record.body)[1] != tid || (long)record.body[1] <= last;
        last = (long)record.body[1];
      } else if (record.header.type == PERF_RECORD_LOST) {
        lost += record.body[1];
      } else {
        ++bad;
      }
    }
    release(&ring);
    if (++turns % 3 == 0 && patient) usleep(1000);
    if (finished) break;
  }
  pthread_join(thread, NULL);
  uint64_t values[2];
  read(fd, values, sizeof values);
  printf("%u pages: bad %ld, the last sample is of a hit %d, ", pages, bad, last > 0 && last <= kHits);
  printf("counted all %d, samples and lost together all %d", values[0] == kHits, samples + (long)values[1] == kHits);
  printf(", of lost ones recorded not more %d, some samples %d\n", lost <= (long)values[1], samples > 0);
  if (pages >= 256) printf("  nothing was lost %d, every hit a sample %d\n", lost == 0, samples == kHits);
  close(fd), unmap_ring(&ring);
}

int main(void) {
  with(256, 100, 1);
  with(256, 1, 0);
  with(1, 10, 1);
  with(2, 0, 0);
  return 0;
}
