// A descriptor shared with a child: the event stays the parent's, which counts no hit of the child, but obeys it.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static int fd;
// Runs `body` in a child and waits for its end.
static void in_child(void (*body)(void)) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) body(), fflush(stdout), _exit(0);
  int status;
  waitpid(child, &status, 0);
  if (status) printf("status %x\n", status);
}
static struct ring ring;

static void hits(void) { store(10), printf("child: counted %ld\n", count(fd)); }
static void reset(void) { printf("child: reset %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_RESET, 0))); }
static void disable(void) { printf("child: disable %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_DISABLE, 0))); }
static void enable(void) { printf("child: enable %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))); }
static void close_it(void) { printf("child: close %s\n", outcome(close(fd))); }
static void map_it(void) {
  struct ring mine = map_ring(fd, 1);  // the same buffer
  printf("child: head %d, %ld samples\n", (int)head_of(&mine), take_samples(&mine));
}
static void own(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  const int mine = must_open(attr);
  store(6);
  printf("child: its own %ld, the parent's %ld\n", count(mine), count(fd));
}
static void own_forever(void) {  // an event that outlives the task that opened it: of its parent, and closed by its exit
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  printf("child: for its parent %s\n", outcome(open_as(&attr, getppid(), -1, -1, 0)));
}

int main(void) {
  fd = must_open(sampling(&watched, 8, 1, PERF_SAMPLE_ADDR));
  ring = map_ring(fd, 1);
  store(3), in_child(hits), printf("counted %ld\n", count(fd));
  in_child(map_it), printf("tail %d\n", (int)ring.page->data_tail);
  in_child(reset), store(2), printf("counted %ld\n", count(fd));
  in_child(disable), store(2), printf("counted %ld\n", count(fd));
  in_child(enable), store(2), printf("counted %ld\n", count(fd));
  in_child(close_it), store(2), printf("counted %ld\n", count(fd));
  in_child(own), store(2), printf("counted %ld, head %d\n", count(fd), (int)head_of(&ring));
  close(fd), unmap_ring(&ring);
  for (int i = 0; i < 8; ++i) in_child(own_forever);
  fd = must_open(sampling(&watched, 8, 1, PERF_SAMPLE_ADDR));

  // Closed here, it is the child's only, and still of this process.
  int go[2];
  pipe(go);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    read(go[0], &byte, 1);
    printf("child, after the parent closed it: counted %ld\n", count(fd)), fflush(stdout), _exit(0);
  }
  store(1), close(fd), store(4);
  write(go[1], "", 1);
  waitpid(child, NULL, 0);
  return 0;
}
