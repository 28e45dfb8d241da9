// Timers that began in the past: the handler is told how many of their periods are over (timer_getoverrun(2)).
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static timer_t timer;
static volatile int overrun = -1;

static void handler(int signal) {
  const struct itimerspec off = {0};
  // Another one may be on its way when the timer is set (Linux 6.1 delivers it).
  if (overrun < 0) overrun = timer_getoverrun(timer);
  timer_settime(timer, 0, &off, 0);
}

static const char *about(int count) {
  return count < 1000 ? "few" : count < 900000 ? "some" : count < 1100000 ? "about a million" : "many";
}

int main(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  nanosleep(&(struct timespec){1, 200000000}, 0);  // so that there is a past on every clock
  signal(SIGUSR1, handler);
  for (int clock = 0; clock < 2; ++clock) {
    for (int second = 0; second < 2; ++second) {
      struct timespec now;
      overrun = -1;
      timer_create(clock ? CLOCK_MONOTONIC : CLOCK_REALTIME, &event, &timer);
      clock_gettime(clock ? CLOCK_MONOTONIC : CLOCK_REALTIME, &now);
      const struct itimerspec since = {{0, second ? 1000 : 0}, {now.tv_sec - 1, now.tv_nsec}};
      timer_settime(timer, TIMER_ABSTIME, &since, 0);
      while (overrun < 0) continue;
      printf("clock %d, interval %d: %s\n", clock, second * 1000, about(overrun));
      timer_delete(timer);
    }
  }
  // Since 1970, a period a second.
  overrun = -1;
  timer_create(CLOCK_REALTIME, &event, &timer);
  timer_settime(timer, TIMER_ABSTIME, &(struct itimerspec){{1, 0}, {0, 1}}, 0);
  while (overrun < 0) continue;
  printf("since 1970: %s\n", about(overrun));
  timer_delete(timer);
  // As many as fit into an int.
  overrun = -1;
  timer_create(CLOCK_REALTIME, &event, &timer);
  timer_settime(timer, TIMER_ABSTIME, &(struct itimerspec){{0, 1000}, {0, 1}}, 0);
  while (overrun < 0) continue;
  printf("microseconds since 1970: %s\n", overrun == 0x7fffffff ? "the most that an int holds" : about(overrun));
}
