// sigtimedwait, sigwaitinfo, sigwait: what is taken first, values in order, polling, timeouts, and what they refuse.
#define _GNU_SOURCE
#include "tasks.h"

static void show_taken(const char* what, const sigset_t* set) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  errno = 0;
  const int got = sigtimedwait(set, &info, &(struct timespec){0, 0});
  if (got < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %d code %d value %d\n", what, got, info.si_code, info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
}
static void queue(int number, int value) { sigqueue(getpid(), number, (union sigval){.sival_int = value}); }

int main(void) {
  sigset_t all, some, taken;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  show_taken("nothing", &all);

  // Real-time signals queue, each as often as it was sent; others are pending once. Lower numbers come first.
  queue(64, 1), queue(40, 2), queue(40, 3), queue(35, 4), queue(64, 5), queue(40, 6);
  queue(SIGUSR1, 7), queue(SIGUSR1, 8), raise(SIGTERM), raise(SIGTERM), raise(SIGHUP), queue(SIGUSR2, 9), kill(getpid(), 35), raise(34);
  sigemptyset(&some), sigaddset(&some, 40), sigaddset(&some, SIGUSR1);
  for (int i = 0; i < 3; ++i) show_taken("40 or SIGUSR1", &some);
  for (int i = 0; i < 13; ++i) show_taken("any", &all);

  // A fault's signals come before all others.
  queue(40, 1), raise(SIGHUP), raise(SIGSEGV), raise(SIGUSR1), raise(SIGFPE), raise(SIGINT);
  for (int i = 0; i < 6; ++i) show_taken("any", &all);
  // Those of the thread come before those of the process.
  kill(getpid(), SIGHUP), raise(SIGTERM), kill(getpid(), SIGUSR1), raise(SIGUSR2);
  for (int i = 0; i < 4; ++i) show_taken("any", &all);

  // A signal that is ignored while it is blocked stays pending; ignoring a pending one discards it, as does SIGCONT with stops.
  signal(SIGWINCH, SIG_DFL), signal(SIGUSR1, SIG_IGN);
  raise(SIGWINCH), raise(SIGUSR1), raise(SIGCHLD);
  for (int i = 0; i < 4; ++i) show_taken("ignored", &all);
  queue(40, 1), queue(40, 2), raise(SIGUSR2);
  signal(40, SIG_IGN), signal(SIGUSR2, SIG_IGN);
  signal(40, SIG_DFL), signal(SIGUSR2, SIG_DFL), signal(SIGUSR1, SIG_DFL);
  show_taken("discarded", &all);
  raise(SIGTSTP), raise(SIGTTIN), raise(SIGCONT);
  show_taken("continue", &all), show_taken("no stop", &all);
  raise(SIGCONT), raise(SIGTSTP);
  show_taken("stop", &all), show_taken("no continue", &all);

  // Timeouts.
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  TRY(sigtimedwait(&all, NULL, &(struct timespec){0, 20000000}));
  clock_gettime(CLOCK_MONOTONIC, &after);
  SHOW((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 20000000);
  TRY(sigtimedwait(&all, NULL, &(struct timespec){0, 1000000000}));
  TRY(sigtimedwait(&all, NULL, &(struct timespec){-1, 0}));
  TRY(sigtimedwait(&all, NULL, (struct timespec*)8));
  TRY(syscall(SYS_rt_sigtimedwait, 8, 0, 0, 8));
  TRY(syscall(SYS_rt_sigtimedwait, &all, 0, 0, 4));
  queue(50, 1);
  TRY(sigtimedwait(&all, (siginfo_t*)8, NULL));
  show_taken("lost", &all);

  // Blocked in it until another process sends.
  sigemptyset(&some), sigaddset(&some, SIGUSR1), sigaddset(&some, 37);
  const pid_t parent = getpid(), child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 5; ++i) pause_briefly();
    sigqueue(parent, 36, (union sigval){.sival_int = 1});
    sigqueue(parent, 37, (union sigval){.sival_int = 42});
    _exit(0);
  }
  siginfo_t info;
  SHOW(sigwaitinfo(&some, &info));
  SHOW(info.si_pid == child && info.si_value.sival_int == 42);
  show_end("sender", child);
  int number;
  sigemptyset(&taken), sigaddset(&taken, 36);
  GIVES(sigwait(&taken, &number));
  SHOW(number);
  // Waiting for what cannot be waited for is no error, and finds nothing.
  sigemptyset(&some), sigaddset(&some, SIGKILL), sigaddset(&some, SIGSTOP);
  show_taken("SIGKILL", &some);
  return 0;
}
