// timerfd_create(2): expiries that are read and polled, periods that pass unread, absolute times, and what is refused.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include "tasks.h"

static const long kMillisecond = 1000000;

static struct itimerspec after(long value, long interval) {
  return (struct itimerspec){.it_value = {value / 1000000000, value % 1000000000},
                             .it_interval = {interval / 1000000000, interval % 1000000000}};
}
static void show_read(const char* what, int fd) {
  uint64_t value = 0;
  errno = 0;
  const ssize_t got = read(fd, &value, sizeof value);
  if (got < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %zd bytes, %llu\n", what, got, (unsigned long long)value);
}
static void sleep_for(long nanoseconds) {
  const struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&time, 0);
}

int main(void) {
  TRY(timerfd_create(CLOCK_MONOTONIC, 1));
  TRY(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  TRY(timerfd_create(99, 0));
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  struct itimerspec now, time = after(20 * kMillisecond, 0);
  TRY(timerfd_settime(fd, 4, &time, 0));
  TRY(timerfd_settime(0, 0, &time, 0));
  TRY(timerfd_settime(77, 0, &time, 0));
  TRY(timerfd_settime(fd, 0, (void*)8, 0));
  time.it_value.tv_nsec = 1000000000;
  TRY(timerfd_settime(fd, 0, &time, 0));
  TRY(timerfd_gettime(0, &now));
  TRY(timerfd_gettime(fd, (void*)8));
  TRY(timerfd_gettime(fd, &now));
  SHOW(now.it_value.tv_sec + now.it_value.tv_nsec);
  show_read("never set", fd);
  char bytes[16];
  TRY(read(fd, bytes, 7));
  TRY(write(fd, bytes, 8));

  // Once.
  time = after(20 * kMillisecond, 0);
  TRY(timerfd_settime(fd, 0, &time, &now));
  show_read("too early", fd);
  timerfd_gettime(fd, &now);
  SHOW(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 20 * kMillisecond);
  struct pollfd poll_for = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&poll_for, 1, -1));
  SHOW(poll_for.revents == POLLIN);
  TRY(read(fd, bytes, 16));
  show_read("read already", fd);
  timerfd_gettime(fd, &now);
  SHOW(now.it_value.tv_sec + now.it_value.tv_nsec);

  // Periods that nobody reads are counted; setting it anew forgets them.
  time = after(50 * kMillisecond, 200 * kMillisecond);
  timerfd_settime(fd, 0, &time, 0);
  sleep_for(550 * kMillisecond);
  timerfd_gettime(fd, &now);
  SHOW(now.it_interval.tv_nsec);
  SHOW(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 200 * kMillisecond);
  show_read("three periods", fd);
  sleep_for(200 * kMillisecond);
  time = after(0, 0);
  TRY(timerfd_settime(fd, 0, &time, &now));
  SHOW(now.it_interval.tv_nsec);
  show_read("forgotten", fd);

  // A blocking read waits; a time that has passed goes off at once, on either clock.
  for (int clock = CLOCK_REALTIME; clock <= CLOCK_MONOTONIC; ++clock) {
    const int blocking = timerfd_create(clock, 0);
    struct timespec before, later;
    clock_gettime(clock, &before);
    time.it_value = before;
    time.it_value.tv_sec += 1;
    TRY(timerfd_settime(blocking, TFD_TIMER_ABSTIME, &time, 0));
    show_read("absolute", blocking);
    clock_gettime(clock, &later);
    SHOW(later.tv_sec > before.tv_sec && later.tv_sec - before.tv_sec < 20);
    time.it_value = before;
    TRY(timerfd_settime(blocking, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, 0));
    show_read("in the past", blocking);
  }

  // A child has the same timer.
  time = after(20 * kMillisecond, 0);
  timerfd_settime(fd, 0, &time, 0);
  const pid_t child = fork_flushed();
  if (child == 0) {
    poll(&poll_for, 1, -1);
    show_read("child", fd);
    exit(0);
  }
  waitpid(child, 0, 0);
  show_read("parent", fd);
  return 0;
}
