// sigsuspend(2) and pause(2): the mask during and after, a signal that was pending before, ignored ones that do not wake, and sigpending.
#define _GNU_SOURCE
#include "tasks.h"

static volatile int handled[65];
static int order[20], number_of;

static void handler(int number) {
  ++handled[number];
  if (number_of < 20) order[number_of++] = number;
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("in %d: USR1 %d USR2 %d ALRM %d TERM %d\n", number, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2),
         sigismember(&now, SIGALRM), sigismember(&now, SIGTERM));
}
static void show_pending(void) {
  sigset_t pending;
  TRY(sigpending(&pending));
  printf("pending:");
  for (int i = 1; i < 65; ++i) if (sigismember(&pending, i) == 1) printf(" %d", i);
  printf("\n");
}

int main(void) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};  // does not restart either of them
  sigaction(SIGUSR1, &action, NULL), sigaction(SIGUSR2, &action, NULL), sigaction(SIGALRM, &action, NULL);
  sigset_t blocked, waited, now;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1), sigaddset(&blocked, SIGUSR2), sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  sigemptyset(&waited), sigaddset(&waited, SIGUSR2), sigaddset(&waited, SIGALRM);
  raise(SIGUSR1), raise(SIGUSR2);
  show_pending();
  TRY(sigsuspend(&waited));
  show_pending();
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("after: USR1 %d USR2 %d ALRM %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2), sigismember(&now, SIGALRM));
  // Two that were pending: both handlers run before it returns.
  raise(SIGUSR1);
  sigemptyset(&waited);
  TRY(sigsuspend(&waited));
  show_pending();

  // The timer's signal ends it; the ignored and the blocked ones that a child keeps sending before do not.
  sigemptyset(&waited), sigaddset(&waited, SIGUSR1), sigaddset(&waited, SIGUSR2);
  const pid_t parent = getpid(), child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 5; ++i) kill(parent, SIGUSR1), kill(parent, SIGCHLD), kill(parent, SIGWINCH), kill(parent, SIGCONT), pause_briefly();
    kill(parent, SIGALRM);
    _exit(0);
  }
  TRY(sigsuspend(&waited));
  SHOW(handled[SIGALRM]);
  SHOW(handled[SIGUSR1]);
  show_end("child", child);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  SHOW(handled[SIGUSR1]);

  // pause: likewise. A timer that repeats cannot come too early.
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGHUP};
  action.sa_handler = SIG_IGN;
  sigaction(SIGHUP, &action, NULL);
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  timer_settime(timer, 0, &(struct itimerspec){{0, 500000}, {0, 500000}}, NULL);
  const pid_t second = fork_flushed();
  if (second == 0) {
    for (int i = 0; i < 10; ++i) pause_briefly();
    for (;;) kill(parent, SIGUSR2), pause_briefly();
  }
  handled[SIGUSR2] = 0;
  const int saved = dup(1), nowhere = dup(1);  // how often the handler runs is not known: it prints into a pipe
  int ends[2];
  pipe(ends);
  fflush(stdout);
  dup2(ends[1], 1);
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  errno = 0;
  const int outcome = pause(), error = errno;
  kill(second, SIGKILL);
  waitpid(second, NULL, 0);
  timer_delete(timer);
  fflush(stdout);
  dup2(saved, 1);
  close(nowhere);
  printf("pause = %d %s\n", outcome, strerrorname_np(error));
  SHOW(handled[SIGUSR2] > 0);
  TRY(syscall(SYS_rt_sigsuspend, &waited, 4));
  TRY(syscall(SYS_rt_sigsuspend, 8, 8));
  TRY(syscall(SYS_rt_sigpending, 8, 8));
  TRY(syscall(SYS_rt_sigpending, &waited, 9));
  // The mask given holds for SIGTERM as well: it kills inside, where it is not blocked.
  const pid_t third = fork_flushed();
  if (third == 0) {
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGTERM);
    sigemptyset(&waited);
    sigsuspend(&waited);
    _exit(1);
  }
  show_end("third", third);
  return 0;
}
