// nanosleep and clock_nanosleep: never too short, absolute and relative, what is left when a handler interrupts, and what they refuse.
#define _GNU_SOURCE
#include <sys/time.h>
#include "tasks.h"

static volatile int ticks;
static void tick(int number) { (void)number; ++ticks; }

static long long now(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}
static struct timespec from_now(clockid_t clock, long long nanoseconds) {
  const long long at = now(clock) + nanoseconds;
  return (struct timespec){at / 1000000000, at % 1000000000};
}

int main(void) {
  struct timespec left = {77, 77};
  long long start = now(CLOCK_MONOTONIC);
  TRY(nanosleep(&(struct timespec){0, 3000000}, &left));
  SHOW(now(CLOCK_MONOTONIC) - start >= 3000000);
  SHOW(left.tv_sec);  // untouched
  TRY(nanosleep(&(struct timespec){0, 0}, NULL));
  TRY(nanosleep(&(struct timespec){0, 1000000000}, NULL));
  TRY(nanosleep(&(struct timespec){0, -1}, NULL));
  TRY(nanosleep(&(struct timespec){-1, 0}, NULL));
  TRY(nanosleep((struct timespec*)8, NULL));
  TRY(usleep(1000));
  SHOW(sleep(0));

  static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
  for (int i = 0; i < 4; ++i) {
    start = now(clocks[i]);
    printf("clock %d\n", clocks[i]);
    GIVES(clock_nanosleep(clocks[i], 0, &(struct timespec){0, 2000000}, NULL));
    SHOW(now(clocks[i]) - start >= 2000000);
    const struct timespec at = from_now(clocks[i], 2000000);
    GIVES(clock_nanosleep(clocks[i], TIMER_ABSTIME, &at, &left));
    SHOW(now(clocks[i]) >= at.tv_sec * 1000000000LL + at.tv_nsec);
    GIVES(clock_nanosleep(clocks[i], TIMER_ABSTIME, &(struct timespec){1, 0}, NULL));
  }
  GIVES(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1}, NULL));

  GIVES(clock_nanosleep(1234, 0, &(struct timespec){0, 1}, NULL));
  GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 1000000000}, NULL));
  GIVES(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){-1, 0}, NULL));
  GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, (struct timespec*)8, NULL));

  // Interrupted: what is left is less than what was asked for, and going on with it makes the whole.
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 2000}, {0, 2000}}, NULL);
  left = (struct timespec){1000, 0};
  TRY(nanosleep(&left, &left));
  SHOW(left.tv_sec == 999 && left.tv_nsec > 0);
  start = now(CLOCK_MONOTONIC);
  left = (struct timespec){0, 25000000};
  int interrupted = 0;
  while (nanosleep(&left, &left) != 0) interrupted += errno == EINTR;
  SHOW(interrupted > 0);
  SHOW(now(CLOCK_MONOTONIC) - start >= 25000000);
  left = (struct timespec){77, 77};
  const struct timespec at = from_now(CLOCK_MONOTONIC, 15000000);
  int error;
  for (interrupted = 0; (error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, &left)) != 0;) interrupted += error == EINTR;
  SHOW(interrupted > 0);
  SHOW(left.tv_sec == 77 && left.tv_nsec == 77);
  SHOW(now(CLOCK_MONOTONIC) >= at.tv_sec * 1000000000LL + at.tv_nsec);
  GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){1000, 0}, (struct timespec*)8));
  TRY(nanosleep(&(struct timespec){1000, 0}, (struct timespec*)8));
  SHOW(sleep(1000) >= 999);

  // Ignored signals, and a stop and continuation, do not end a sleep.
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  const pid_t child = fork_flushed();
  if (child == 0) {
    const long long begun = now(CLOCK_MONOTONIC);
    const int got = nanosleep(&(struct timespec){0, 40000000}, &left);
    _exit(got == 0 && now(CLOCK_MONOTONIC) - begun >= 40000000 ? 0 : 1);
  }
  for (int i = 0; i < 5; ++i) {
    kill(child, SIGWINCH), kill(child, SIGCHLD);
    kill(child, SIGSTOP);
    pause_briefly();
    kill(child, SIGCONT);
    pause_briefly();
  }
  show_end("sleeper", child);
  return 0;
}
