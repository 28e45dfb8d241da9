// An event on another process: it counts there and not here, can be enabled and read from here, and remains readable after its
// task's exit, when poll(2) has POLLHUP; an event on another thread, by its tid; one on a task that is gone.
//: breakpoints
#include "perf_b.h"
#include <poll.h>

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static int go[2], done[2], tid_of_other;
static void wait_byte(int fd) { char byte; if (read(fd, &byte, 1) != 1) _exit(9); }
static void send_byte(int fd) { if (write(fd, "", 1) != 1) _exit(9); }
static void let_it() { send_byte(go[1]), wait_byte(done[0]); }
static void* in_thread(void* unused) {
  tid_of_other = (int)syscall(SYS_gettid);
  send_byte(done[1]);
  for (int times = 10; times < 10000; times *= 10) wait_byte(go[0]), store(times), send_byte(done[1]);
  wait_byte(go[0]);
  return NULL;
}
static void poll_it(int fd) {
  struct pollfd polled = {.fd = fd, .events = POLLIN};
  const int ready = poll(&polled, 1, 0);
  printf(" poll %d in %d hup %d", ready, (polled.revents & POLLIN) != 0, (polled.revents & POLLHUP) != 0);
}

int main(void) {
  if (pipe(go) != 0 || pipe(done) != 0) return 1;
  int child = fork();
  if (child == 0) {
    for (int i = 0; i < 5; ++i) wait_byte(go[0]), store(10), send_byte(done[1]);
    wait_byte(go[0]), store(100), _exit(0);
  }
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W), dummy = software_attr(PERF_COUNT_SW_TASK_CLOCK);
  attr.disabled = 1;
  attr.sample_period = 1;
  attr.watermark = 1;
  attr.wakeup_watermark = 1 << 12;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  int fd = must_open(&attr, child, -1, -1);
  struct ring ring = map_ring(fd, 2);
  uint64_t got[3];
#define SHOW(what) (read(fd, got, sizeof got), printf(what " %d, times %d", (int)got[0], got[2] > 0 && got[1] >= got[2]))
  let_it(), store(5), SHOW("disabled");
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  let_it(), store(5), SHOW(", enabled"), poll_it(fd);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  let_it(), SHOW(", disabled");
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  let_it(), SHOW(", enabled");
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  let_it(), SHOW(", reset");
  send_byte(go[1]), printf("\nchild %d", wait_for(child)), SHOW(" its count"), poll_it(fd);
  const uint64_t enabled = got[1];
  printf(", enabling it %s", outcome_of(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)));
  SHOW(" still"), printf(" the same times %d", got[1] == enabled);
  printf(", records %d\n", count_records(&ring, PERF_RECORD_SAMPLE));
  printf("one more on it: %s\n", outcome_of(open_on(&attr, child, -1, -1)));
  close(fd);

  attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  pthread_t thread;
  pthread_create(&thread, NULL, in_thread, NULL);
  wait_byte(done[0]);
  fd = must_open(&attr, tid_of_other, -1, -1);
  store(3), let_it(), printf("thread %ld", count(fd));
  store(3), let_it(), printf(" %ld", count(fd));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  let_it(), printf(" disabled %ld", count(fd));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  send_byte(go[1]), pthread_join(thread, NULL), printf(" gone %ld\n", count(fd));
  close(fd);
  // A zombie is a task that has exited: no event can be opened on it.
  child = fork();
  if (child == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, (unsigned)child, &info, WEXITED | WNOWAIT);
  printf("zombie: %s", outcome_of(open_on(&attr, child, -1, -1)));
  wait_for(child), printf(", reaped: %s\n", outcome_of(open_on(&attr, child, -1, -1)));
  return 0;
}
