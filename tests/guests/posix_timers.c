// timer_create and its kin: signals with values, at a thread, none at all; overruns, absolute times, what is left, and what they refuse.
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static volatile int handled, code, value, thread_handled;
static __thread int is_thread;
static void handler(int number, siginfo_t* info, void* context) {
  (void)number, (void)context;
  code = info->si_code, value = info->si_value.sival_int;
  thread_handled = is_thread;
  ++handled;
}
static void wait_for(int number) { while (handled < number) pause_briefly(); }
static void* has_timer(void* unused) {
  is_thread = 1;
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 11};
  event._sigev_un._tid = gettid();
  TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
  handled = 0;
  timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 1000000}}, NULL);
  wait_for(1);
  printf("thread: code %d value %d thread %d\n", code == SI_TIMER, value, thread_handled);
  timer_delete(timer);
  return unused;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL), sigaction(SIGUSR2, &action, NULL), sigaction(SIGALRM, &action, NULL), sigaction(40, &action, NULL);
  timer_t timer, other;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 40, .sigev_value.sival_int = 1234};
  TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec set = {{0, 0}, {0, 2000000}}, left;
  TRY(timer_gettime(timer, &left));
  SHOW(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
  TRY(timer_settime(timer, 0, &set, NULL));
  wait_for(1);
  printf("code %d value %d\n", code == SI_TIMER, value);
  TRY(timer_gettime(timer, &left));
  SHOW(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
  TRY(timer_getoverrun(timer));

  // Long ones are only read.
  set = (struct itimerspec){{50, 7}, {1000, 0}};
  TRY(timer_settime(timer, 0, &set, NULL));
  TRY(timer_gettime(timer, &left));
  SHOW(left.it_value.tv_sec == 999 && left.it_interval.tv_sec == 50 && left.it_interval.tv_nsec == 7);
  set = (struct itimerspec){{0, 0}, {0, 0}};
  TRY(timer_settime(timer, 0, &set, &left));
  SHOW(left.it_value.tv_sec == 999);

  // Overruns: the signal stays blocked while the timer expires again and again.
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, 40);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  set = (struct itimerspec){{0, 100000}, {0, 100000}};
  timer_settime(timer, 0, &set, NULL);
  for (int i = 0; i < 20; ++i) pause_briefly();
  siginfo_t info;
  SHOW(sigwaitinfo(&blocked, &info));
  SHOW(info.si_code == SI_TIMER && info.si_overrun > 5 && info.si_value.sival_int == 1234);
  SHOW(timer_getoverrun(timer) == info.si_overrun);
  TRY(timer_delete(timer));
  while (sigtimedwait(&blocked, NULL, &(struct timespec){0, 0}) > 0) {}
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  TRY(timer_delete(timer));
  TRY(timer_settime(timer, 0, &set, NULL));
  TRY(timer_gettime(timer, &left));

  // Absolute, in the past: at once. Without an event: SIGALRM.
  handled = 0;
  TRY(timer_create(CLOCK_REALTIME, NULL, &timer));
  set = (struct itimerspec){{0, 0}, {1, 0}};
  TRY(timer_settime(timer, TIMER_ABSTIME, &set, NULL));
  wait_for(1);
  SHOW(code == SI_TIMER);
  clock_gettime(CLOCK_REALTIME, &set.it_value);
  const long long at = (set.it_value.tv_sec * 1000000000LL + set.it_value.tv_nsec) + 3000000;
  set.it_value = (struct timespec){at / 1000000000, at % 1000000000};
  TRY(timer_settime(timer, TIMER_ABSTIME, &set, NULL));
  wait_for(2);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  SHOW(now.tv_sec * 1000000000LL + now.tv_nsec >= at);
  TRY(timer_delete(timer));

  // No notification: the timer runs all the same.
  event = (struct sigevent){.sigev_notify = SIGEV_NONE};
  TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
  set = (struct itimerspec){{0, 0}, {0, 1000000}};
  timer_settime(timer, 0, &set, NULL);
  do timer_gettime(timer, &left); while (left.it_value.tv_nsec != 0);
  SHOW(left.it_value.tv_sec);
  SHOW(handled);

  // Of the CPU's time of this process.
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
  TRY(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &other));
  set = (struct itimerspec){{0, 0}, {0, 3000000}};
  TRY(timer_settime(other, 0, &set, NULL));
  for (volatile long spin = 0; handled < 3; ++spin) {}
  SHOW(value);

  // A child has none of them.
  fflush(stdout);
  const pid_t child = fork_flushed();
  if (child == 0) {
    TRY(timer_gettime(timer, &left));
    leave(0);
  }
  show_end("child", child);
  pthread_t thread;
  pthread_create(&thread, NULL, has_timer, NULL);
  pthread_join(thread, NULL);

  TRY(timer_create(1234, NULL, &other));
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
  TRY(timer_create(CLOCK_MONOTONIC, &event, &other));
  event = (struct sigevent){.sigev_notify = 77, .sigev_signo = 40};
  TRY(timer_create(CLOCK_MONOTONIC, &event, &other));
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = 40};
  event._sigev_un._tid = 0x3ffffff;
  TRY(timer_create(CLOCK_MONOTONIC, &event, &other));
  set = (struct itimerspec){{0, 0}, {0, 1000000000}};
  TRY(timer_settime(timer, 0, &set, NULL));
  set = (struct itimerspec){{0, 0}, {-1, 0}};
  TRY(timer_settime(timer, 0, &set, NULL));
  return 0;
}
