// fork(2) inside a signal handler, and what a child has of signals: handlers and mask, but nothing pending.
#define _GNU_SOURCE
#include <setjmp.h>
#include "tasks.h"

static volatile pid_t child;
static volatile int handled;
static sigjmp_buf out;

static void forks(int number) {
  ++handled;
  child = fork();
  (void)number;
}
static void forks_and_jumps(int number) {
  (void)number;
  child = fork();
  siglongjmp(out, child == 0 ? 2 : 1);
}
static void counts(int number) { (void)number; ++handled; }
static int is_blocked(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  return sigismember(&mask, number);
}
static int is_pending(int number) {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, number);
}

int main(void) {
  // Both return from the handler, and go on behind the raise.
  signal(SIGUSR1, forks);
  const pid_t parent = getpid();
  fflush(stdout);
  raise(SIGUSR1);
  if (getpid() != parent) _exit(10 + handled + is_blocked(SIGUSR1) * 100);
  show_end("returned", child);
  SHOW(is_blocked(SIGUSR1));

  signal(SIGUSR1, forks_and_jumps);
  fflush(stdout);
  const int got = sigsetjmp(out, 1);
  if (got == 0) raise(SIGUSR1);
  if (got == 2) _exit(20 + is_blocked(SIGUSR1));
  show_end("jumped", child);

  // Handlers and mask are copied; what is pending and the alarm are not.
  signal(SIGUSR2, counts);
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR2), sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  raise(SIGUSR2), kill(getpid(), SIGTERM);
  alarm(1000);
  handled = 0;
  child = fork_flushed();
  if (child == 0) {
    SHOW(is_blocked(SIGUSR2) && is_blocked(SIGTERM));
    SHOW(is_pending(SIGUSR2) || is_pending(SIGTERM));
    SHOW(alarm(0));
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    SHOW(handled);
    raise(SIGUSR2);
    SHOW(handled);
    signal(SIGUSR2, SIG_IGN);
    leave(0);
  }
  show_end("child", child);
  SHOW(is_pending(SIGUSR2) && is_pending(SIGTERM));
  SHOW(alarm(0) > 990);
  signal(SIGTERM, SIG_IGN);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  SHOW(handled);

  // Signals back and forth between two processes, each waiting for the other's.
  sigset_t usr1;
  sigemptyset(&usr1), sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, NULL);
  child = fork_flushed();
  const pid_t other = child == 0 ? parent : child;
  int number, rounds = 0;
  if (child != 0) kill(other, SIGUSR1);
  for (; rounds < 300; ++rounds) {
    sigwait(&usr1, &number);
    if (child == 0 || rounds < 299) kill(other, SIGUSR1);
  }
  if (child == 0) _exit(rounds / 3);
  show_end("back and forth", child);
  SHOW(rounds);
  return 0;
}
