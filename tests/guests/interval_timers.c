// alarm and setitimer: real, virtual and profiling time; what is left, repetition, replacement, and what fork and the kernel's refusals do.
#define _GNU_SOURCE
#include <sys/time.h>
#include "tasks.h"

static volatile int alarms, virtuals, profiles;
static void handler(int number, siginfo_t* info, void* context) {
  (void)context;
  if (info->si_code != SI_KERNEL) _exit(91);
  if (number == SIGALRM) ++alarms;
  if (number == SIGVTALRM) ++virtuals;
  if (number == SIGPROF) ++profiles;
}
static void show_timer(const char* what, int which) {
  struct itimerval left;
  memset(&left, 0x55, sizeof left);
  getitimer(which, &left);
  const int is_off = left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0;
  printf("%s: %s, interval %ld.%06ld\n", what, is_off ? "off" : "on", (long)left.it_interval.tv_sec, (long)left.it_interval.tv_usec);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGALRM, &action, NULL), sigaction(SIGVTALRM, &action, NULL), sigaction(SIGPROF, &action, NULL);
  SHOW(alarm(100));
  SHOW(alarm(50) > 98);
  show_timer("alarm", ITIMER_REAL);
  SHOW(alarm(0) > 48);
  show_timer("no alarm", ITIMER_REAL);
  SHOW(alarm(0));

  struct itimerval set = {{7, 8}, {500, 250000}}, old;
  TRY(setitimer(ITIMER_REAL, &set, NULL));
  show_timer("set", ITIMER_REAL);
  TRY(getitimer(ITIMER_REAL, &old));
  SHOW(old.it_value.tv_sec <= 500 && old.it_value.tv_sec >= 498);
  SHOW(alarm(20) >= 499);
  show_timer("alarm instead", ITIMER_REAL);
  TRY(setitimer(ITIMER_REAL, &(struct itimerval){0}, &old));
  SHOW(old.it_value.tv_sec >= 18 && old.it_interval.tv_sec == 0);
  const pid_t child = fork_flushed();
  if (child == 0) {
    show_timer("child", ITIMER_REAL);
    leave(0);
  }
  show_end("child", child);

  // Once, then repeated.
  set = (struct itimerval){{0, 0}, {0, 3000}};
  setitimer(ITIMER_REAL, &set, NULL);
  while (alarms == 0) pause_briefly();
  for (int i = 0; i < 5; ++i) pause_briefly();
  SHOW(alarms);
  show_timer("expired", ITIMER_REAL);
  set = (struct itimerval){{0, 1500}, {0, 1}};
  setitimer(ITIMER_REAL, &set, NULL);
  while (alarms < 6) pause_briefly();
  show_timer("repeats", ITIMER_REAL);
  // A value of zero disarms, whatever the interval.
  set = (struct itimerval){{1, 0}, {0, 0}};
  TRY(setitimer(ITIMER_REAL, &set, NULL));
  show_timer("zero", ITIMER_REAL);
  const int before = alarms;
  for (int i = 0; i < 10; ++i) pause_briefly();
  SHOW(alarms - before <= 1);

  // Time of the CPU only: sleeping does not count.
  set = (struct itimerval){{0, 4000}, {0, 4000}};
  TRY(setitimer(ITIMER_VIRTUAL, &set, NULL));
  for (volatile long spin = 0; virtuals < 3; ++spin) {}
  TRY(setitimer(ITIMER_VIRTUAL, &(struct itimerval){0}, &old));
  SHOW(virtuals >= 3 && old.it_interval.tv_usec >= 4000);
  TRY(setitimer(ITIMER_PROF, &set, NULL));
  for (volatile long spin = 0; profiles < 3; ++spin) if (spin % 1000 == 0) getppid();
  TRY(setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL));
  SHOW(profiles >= 3);
  set = (struct itimerval){{0, 0}, {100, 0}};
  setitimer(ITIMER_VIRTUAL, &set, NULL), setitimer(ITIMER_PROF, &set, NULL);
  TRY(getitimer(ITIMER_VIRTUAL, &old));
  SHOW(old.it_value.tv_sec >= 98 && old.it_value.tv_sec <= 100);
  TRY(getitimer(ITIMER_PROF, &old));
  SHOW(old.it_value.tv_sec >= 98 && old.it_value.tv_sec <= 100);

  TRY(setitimer(17, &set, NULL));
  TRY(getitimer(17, &old));
  TRY(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000000}}, NULL));
  TRY(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {-1, 0}}, NULL));
  TRY(setitimer(ITIMER_REAL, &(struct itimerval){{0, -1}, {1, 0}}, NULL));
  TRY(setitimer(ITIMER_REAL, (struct itimerval*)8, NULL));
  TRY(getitimer(ITIMER_REAL, (struct itimerval*)8));
  TRY(setitimer(ITIMER_REAL, NULL, NULL));
  // By default each of their signals kills.
  static const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
  for (int which = 0; which < 3; ++which) {
    const pid_t other = fork_flushed();
    if (other == 0) {
      signal(signals[which], SIG_DFL);
      set = (struct itimerval){{0, 0}, {0, 2000}};
      setitimer(which, &set, NULL);
      for (;;) {}
    }
    show_end("spinner", other);
  }
  return 0;
}
