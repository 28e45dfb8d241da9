// A breakpoint in another process: counted there only, readable after that has ended, when poll says POLLHUP.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static uint64_t values[3];
static void tell_read(int fd) {
  const long size = read(fd, values, sizeof values);
  printf(" read %ld %ld", size, (long)values[0]);
}
static void tell_poll(int fd) {
  struct pollfd polled = {fd, POLLIN, 0};
  const int ready = poll(&polled, 1, 0);
  printf(" poll %d %s%s%s", ready, polled.revents & POLLIN ? "IN" : "", polled.revents & POLLHUP ? "HUP" : "",
         polled.revents & ~(POLLIN | POLLHUP) ? "?" : "");
}

int main(void) {
  int go[2], done[2];
  pipe(go), pipe(done);
  const pid_t child = fork();
  if (child == 0) {
    char times;
    while (read(go[0], &times, 1) == 1 && times) store(times), write(done[1], &times, 1);
    _exit(0);
  }
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_TID | PERF_SAMPLE_ADDR | PERF_SAMPLE_IP);
  attr.wakeup_events = 1;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  const int fd = (int)open_as(&attr, child, -1, -1, 0);
  struct ring ring = map_ring(fd, 1);
  store(50);
  printf("ours are not counted:");
  tell_read(fd), tell_poll(fd);
  char times = 20;
  write(go[1], &times, 1), read(done[0], &times, 1);
  printf("\nthe child's are:");
  tell_read(fd), tell_poll(fd), tell_poll(fd);

  times = 0;
  write(go[1], &times, 1);
  struct pollfd polled = {fd, POLLIN, 0};
  do poll(&polled, 1, -1); while (!(polled.revents & POLLHUP));  // woken by its end
  printf("\nat its end:"), tell_poll(fd), tell_poll(fd);
  waitpid(child, NULL, 0);
  tell_read(fd);
  printf(", ran at most as long as enabled %d\n", values[2] > 0 && values[2] <= values[1]);
  struct record record;
  long number = 0, good = 0;
  while (next_record(&ring, &record)) {
    ++number;
    good += in_hits(record.body[0]) && ((uint32_t*)&record.body[1])[0] == child && ((uint32_t*)&record.body[1])[1] == child &&
            record.body[2] == (uintptr_t)&watched;
  }
  printf("%ld samples, %ld of the child's\n", number, good);
  printf("enable %s", outcome(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)));
  printf(", disable %s", outcome(ioctl(fd, PERF_EVENT_IOC_DISABLE, 0)));
  printf(", reset %s", outcome(ioctl(fd, PERF_EVENT_IOC_RESET, 0)));
  printf(","), tell_read(fd), tell_poll(fd);
  printf("\n");
  return 0;
}
