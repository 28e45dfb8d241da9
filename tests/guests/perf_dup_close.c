// Copies of an event's descriptor: all are the one event, which counts until the last one, and its mapping, is gone.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  int fd = must_open(sampling(&watched, 8, 1, PERF_SAMPLE_ADDR));
  int copy = dup(fd);
  const int far = fcntl(fd, F_DUPFD_CLOEXEC, 100);
  uint64_t ids[3];
  ioctl(fd, PERF_EVENT_IOC_ID, &ids[0]), ioctl(copy, PERF_EVENT_IOC_ID, &ids[1]), ioctl(far, PERF_EVENT_IOC_ID, &ids[2]);
  printf("the same id %d, closes on exec %d %d %d\n", ids[0] == ids[1] && ids[1] == ids[2], fcntl(fd, F_GETFD),
         fcntl(copy, F_GETFD), fcntl(far, F_GETFD));
  struct ring ring = map_ring(copy, 1);
  store(2);
  printf("counted %ld %ld %ld\n", count(fd), count(copy), count(far));
  ioctl(far, PERF_EVENT_IOC_RESET, 0), store(3);
  printf("reset by a copy, 3 hits: %ld %ld\n", count(fd), count(copy));
  close(fd);
  store(4);
  printf("one closed, 4 hits: %ld", count(copy));
  errno = 0;
  uint64_t value;
  printf(", the closed one %s\n", outcome(read(fd, &value, 8)));
  close(copy);
  store(5);
  printf("its mapper closed, 5 hits: %ld, head %d\n", count(far), (int)head_of(&ring));

  // Replaced by dup2.
  const int other = open("/dev/null", O_RDONLY);
  dup2(other, far);
  store(6);
  printf("the last one replaced, but mapped, 6 hits: head %d\n", (int)head_of(&ring));
  unmap_ring(&ring);
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  int fds[kSlots], number = 0;
  for (int i = 0; i < kSlots; ++i) number += (fds[i] = open_event(&attr)) >= 0;
  printf("unmapped, all slots are free: %d\n", number == kSlots);
  for (int i = 0; i < kSlots; ++i) close(fds[i]);

  // By its name.
  fd = must_open(sampling(&watched, 8, 1, PERF_SAMPLE_ADDR));
  store(1);
  char path[64], target[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  readlink(path, target, sizeof target - 1);
  printf("its name is %s\n", target);
  printf("opened by that: %s\n", outcome(open(path, O_RDWR)));
  close_range(fd, fd, 0);
  store(1);
  errno = 0;
  printf("closed: %s\n", outcome(read(fd, &value, 8)));
  return 0;
}
