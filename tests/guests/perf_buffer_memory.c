// A ring buffer as memory: what msync(2), mlock(2) and munmap(2) make of it, an auxiliary buffer that there is none of, pausing
// by an argument whose low half is 0, and wakeup_events as the int that it is.
//: breakpoints
#include "perf_b.h"

#include <poll.h>

static volatile long watched;

static int woken(int fd) {
  struct pollfd pollfd = {fd, POLLIN, 0};
  return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & POLLIN) != 0;
}

int main(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.sample_period = 1;
  attr.wakeup_events = 0xfffffff0;
  const int fd = must_open(&attr, 0, -1, -1);
  for (int locked = 0; locked < 2; ++locked) {
    char* const at = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED | (locked ? MAP_LOCKED : 0), fd, 0);
    printf("msync %s", outcome_of(msync(at, 3 * page, MS_SYNC)));
    printf(" %s", outcome_of(msync(at, 3 * page, MS_ASYNC)));
    printf(", mlock %s", outcome_of(mlock(at, page)));
    printf(", munlock %s", outcome_of(munlock(at, page)));
    printf(", munmap of a part %s", outcome_of(munmap(at, page)));
    printf(", munmap %s\n", outcome_of(munmap(at, 3 * page)));
  }
  struct ring ring = map_ring(fd, 2);
  watched = 1;
  printf("woken %d", woken(fd));
  printf(" %d", woken(fd));
  watched = 2;
  printf(" %d\n", woken(fd));

  const uint64_t before = ring.page->data_head;
  printf("pause %s\n", outcome_of(syscall(SYS_ioctl, fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1ul << 32)));
  watched = 3;
  printf("paused %d\n", ring.page->data_head == before);

  void* aux = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(3 * page));
  printf("auxiliary buffer: %s", outcome_of(aux == MAP_FAILED ? -1 : 0));
  ring.page->aux_offset = 3 * page;
  ring.page->aux_size = page;
  aux = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(3 * page));
  printf(", asked for: %s\n", outcome_of(aux == MAP_FAILED ? -1 : 0));
  return 0;
}
