// PERF_EVENT_IOC_SET_OUTPUT: one event's samples in another's ring buffer.
//: breakpoints
#include "perf.h"

static volatile long long watched[2];
static HITS void store(int which, int times) { for (int i = 0; i < times; ++i) watched[which] = i; }

// On PPC64, with its one slot, an event that counts nothing is the second.
static struct perf_event_attr second(void) {
  struct perf_event_attr attr = sampling(&watched[1], 8, 1, PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_ADDR);
  if (kSlots == 1) attr.type = PERF_TYPE_SOFTWARE, attr.config = PERF_COUNT_SW_DUMMY, attr.bp_addr = attr.bp_len = 0;
  return attr;
}
static const char* redirect(int from, long to) {
  errno = 0;
  return outcome(ioctl(from, PERF_EVENT_IOC_SET_OUTPUT, to));
}

static uint64_t id_of(int fd) {
  uint64_t id = 0;
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  return id;
}

static int a, b;
static void tell_samples(struct ring* ring, long expected_of_b) {
  struct record record;
  long of_a = 0, of_b = 0, others = 0;
  while (next_record(ring, &record)) {
    if (record.body[0] == id_of(a)) of_a += record.body[1] == (uintptr_t)&watched[0];
    else if (record.body[0] == id_of(b)) of_b += record.body[1] == (uintptr_t)&watched[1];
    else ++others;
  }
  release(ring);
  printf("samples of the first %ld, of the second as expected %d, others %ld\n", of_a,
         kSlots == 1 || of_b == expected_of_b, others);
}

int main(void) {
  a = must_open(sampling(&watched[0], 8, 1, PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_ADDR));
  b = must_open(second());
  printf("to one without a buffer: %s\n", redirect(b, a));
  printf("to itself: %s, to no descriptor: %s, to standard output: %s\n", redirect(b, b), redirect(b, 99), redirect(b, 1));
  printf("to none: %s\n", redirect(b, -1));
  struct ring ring = map_ring(a, 2);
  printf("to one with a buffer: %s, again: %s\n", redirect(b, a), redirect(b, a));
  printf("itself, with a buffer: %s\n", redirect(a, a));
  store(0, 3), store(1, 4), store(0, 5);
  tell_samples(&ring, 4);
  // To map the second now: 6.1 gives the same buffer, newer kernels none; of another size none does.
  printf("mapped of another size: %s\n", mmap(NULL, 2 * page_size(), PROT_READ, MAP_SHARED, b, 0) == MAP_FAILED ? "no" : "ok");
  printf("to none: %s\n", redirect(b, -1));
  store(0, 2), store(1, 2);
  tell_samples(&ring, 0);
  printf("the first, mapped, to the second: %s, to none: %s\n", redirect(a, b), redirect(a, -1));
  close(b);

  // What two events must have in common.
  struct perf_event_attr attr = second();
  attr.use_clockid = 1, attr.clockid = CLOCK_MONOTONIC;
  b = must_open(attr), printf("another clock: %s\n", redirect(b, a)), close(b);
  attr = second(), attr.write_backward = 1;
  b = must_open(attr), printf("another direction: %s\n", redirect(b, a)), close(b);
  attr = second();
  b = (int)open_as(&attr, 0, 0, -1, 0), printf("a processor's: %s\n", redirect(b, a)), close(b);
  const pid_t child = fork();
  if (child == 0) pause();
  b = (int)open_as(&attr, child, -1, -1, 0), printf("another task's: %s\n", redirect(b, a)), close(b);
  kill(child, SIGKILL), waitpid(child, NULL, 0);

  // As a flag.
  attr = second();
  b = (int)open_as(&attr, 0, -1, a, PERF_FLAG_FD_OUTPUT | PERF_FLAG_FD_NO_GROUP);
  printf("opened with output: %s\n", outcome(b));
  store(0, 6), store(1, 6);
  tell_samples(&ring, 6);
  // The buffer lives as long as it is mapped.
  close(a);
  store(1, 3);
  printf("the first closed: head not lower %d\n", head_of(&ring) >= ring.tail);
  printf("unmapped: %s\n", outcome(unmap_ring(&ring)));
  store(1, 3);
  return 0;
}
