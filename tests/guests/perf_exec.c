// An event over execve: it stays open without FD_CLOEXEC, and goes on counting; its mapping is gone, which can be made again.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(int argc, char** argv) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  if (argc == 1) {
    const int fd = must_open(attr);
    const int copy = dup(fd);
    fcntl(copy, F_SETFD, FD_CLOEXEC);
    struct ring ring = map_ring(fd, 1);
    store(5);
    printf("counted %ld, head %d\n", count(fd), (int)head_of(&ring)), fflush(stdout);
    char numbers[2][12];
    sprintf(numbers[0], "%d", fd), sprintf(numbers[1], "%d", copy);
    execl("/proc/self/exe", argv[0], numbers[0], numbers[1], NULL);
    return 1;
  }
  if (argc == 3) {
    const int fd = atoi(argv[1]), copy = atoi(argv[2]);
    printf("executed: counted %ld", count(fd));
    store(7);  // the same address in this program
    printf(", 7 hits %ld, the copy %s\n", count(fd), outcome(fcntl(copy, F_GETFD)));
    struct ring ring = map_ring(fd, 2);
    store(1);
    printf("mapped: head %d, %ld samples\n", (int)head_of(&ring), take_samples(&ring));
    close(fd), unmap_ring(&ring);
    // What closes on exec frees its slot; what starts on exec starts.
    attr.disabled = 1, attr.enable_on_exec = 1;
    const long closing = open_as(&attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    printf("closes on exec %d\n", fcntl((int)closing, F_GETFD));
    if (kSlots == 1) close((int)closing);
    const int starting = must_open(attr);
    store(3);
    printf("not yet %ld\n", count(starting)), fflush(stdout);
    char number[12];
    sprintf(number, "%d", starting);
    execl("/proc/self/exe", argv[0], number, NULL);
    return 1;
  }
  const int fd = atoi(argv[1]);
  store(4);
  printf("started %ld\n", count(fd));
  int fds[kSlots], number = 0;
  for (int i = 0; i < kSlots; ++i) number += (fds[i] = open_event(&attr)) >= 0;
  printf("slots left: all but one %d\n", number == kSlots - 1);
  return 0;
}
