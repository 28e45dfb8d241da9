// What becomes of hits without a buffer, after it is unmapped, and in a new one; of an event that is closed, but mapped.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static int fd;
static void tell(const char* what, struct ring* ring) {
  uint64_t values[2] = {0};
  if (fd >= 0) read(fd, values, sizeof values);
  printf("%s: counted %d, lost %d", what, (int)values[0], (int)values[1]);
  if (ring) printf(", head %d", (int)head_of(ring)), printf(", %ld samples", take_samples(ring));
  printf("\n");
}

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  attr.read_format = PERF_FORMAT_LOST;
  fd = must_open(attr);
  store(3), tell("no buffer", NULL);
  struct ring ring = map_ring(fd, 1);
  store(4), tell("mapped", &ring);
  unmap_ring(&ring);
  store(5), tell("unmapped", NULL);
  ring = map_ring(fd, 2);
  tell("mapped again, larger", &ring);
  store(6), tell("hits", &ring);
  ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1), store(2);
  unmap_ring(&ring);
  ring = map_ring(fd, 1);
  store(1), tell("unmapped when paused, mapped again", &ring);
  // A buffer of no pages takes no samples.
  unmap_ring(&ring);
  ring = map_ring(fd, 0);
  store(2), tell("no pages", NULL);
  printf("head %d\n", (int)head_of(&ring));
  unmap_ring(&ring);
  // No part of it may be unmapped, changed or mapped over.
  ring = map_ring(fd, 2);
  printf("unmapping a page: %s", outcome(munmap(ring.data + page_size(), page_size())));
  printf(", two %s", outcome(munmap(ring.data, 2 * page_size())));
  printf(", the first %s", outcome(munmap((void*)ring.page, page_size())));
  printf(", protecting one %s", outcome(mprotect(ring.data, page_size(), PROT_READ)));
  void* const over = mmap(ring.data, page_size(), PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf(", mapping over one %s\n", outcome(over == MAP_FAILED ? -1 : 0));
  store(3), tell("it is still there", &ring);
  // Mapped over.
  mmap((void*)ring.page, 3 * page_size(), PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  store(1), tell("mapped over", NULL);
  munmap((void*)ring.page, 3 * page_size());
  ring = map_ring(fd, 4);
  // Closed, the event lives on while it is mapped, and keeps its slot.
  store(2), tell("mapped", &ring);
  close(fd), fd = -1;
  store(2), printf("closed: head %d", (int)head_of(&ring));
  int fds[kSlots + 1], number = 0;
  for (int i = 0; i < kSlots; ++i) number += (fds[i] = open_event(&attr)) >= 0;
  printf(", slots left: all but one %d", number == kSlots - 1);
  for (int i = 0; i < kSlots; ++i) close(fds[i]);
  store(1), printf(", head %d\n", (int)head_of(&ring));
  printf("unmapped %s", outcome(unmap_ring(&ring)));
  for (int i = number = 0; i < kSlots; ++i) number += (fds[i] = open_event(&attr)) >= 0;
  printf(", slots left: all %d\n", number == kSlots);
  return 0;
}
