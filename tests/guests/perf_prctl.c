// prctl(2) with PR_TASK_PERF_EVENTS_DISABLE and _ENABLE: all events that the calling thread has opened, whatever they are on,
// with those inherited; not those that others have opened.
//: breakpoints
#include "perf_b.h"
#include <sys/prctl.h>

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static int go[2], done[2];
static void wait_byte(int fd) { char byte; if (read(fd, &byte, 1) != 1) _exit(9); }
static void send_byte(int fd) { if (write(fd, "", 1) != 1) _exit(9); }
static void* other_thread(void* unused) {
  prctl(PR_TASK_PERF_EVENTS_DISABLE);
  return NULL;
}

int main(void) {
  if (pipe(go) != 0 || pipe(done) != 0) return 1;
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.inherit = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  const int child = fork();
  if (child == 0) {
    prctl(PR_TASK_PERF_EVENTS_DISABLE);  // it has opened none
    for (int i = 0; i < 4; ++i) wait_byte(go[0]), store(10), send_byte(done[1]);
    _exit(0);
  }
  struct perf_event_attr clock_attr = software_attr(PERF_COUNT_SW_TASK_CLOCK);
  const int clock = must_open(&clock_attr, 0, -1, -1);
#define ROUND(what) \
  (store(1), send_byte(go[1]), wait_byte(done[0]), printf(what " %ld", count(fd)))
  ROUND("at first");
  printf(", disabled %d", prctl(PR_TASK_PERF_EVENTS_DISABLE));
  const long at = count(clock);
  ROUND(":"), printf(" clock stands %d", count(clock) == at);
  printf(", enabled %d", prctl(PR_TASK_PERF_EVENTS_ENABLE));
  ROUND(":"), printf(" clock goes %d\n", count(clock) > at);
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL), pthread_join(thread, NULL);
  ROUND("after another thread's disable"), printf("\n");
  printf("child %d\n", wait_for(child));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), store(5);
  const long before = count(fd);
  prctl(PR_TASK_PERF_EVENTS_ENABLE), store(5), printf("enabled once more %ld\n", count(fd) - before);
  return 0;
}
