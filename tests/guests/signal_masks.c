// Signal masks and dispositions: set and read back; nothing is delivered.
#define _GNU_SOURCE
#include <signal.h>
#include "show.h"

static void handler(int signal_number) { (void)signal_number; }

static void show_mask(void) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  for (int i = 1; i < 65; ++i) if (sigismember(&now, i) == 1) printf("%d ", i);
  printf("\n");
}

int main(void) {
  sigset_t set, old;
  show_mask();
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, SIGKILL), sigaddset(&set, SIGINT), sigaddset(&set, 64);
  TRY(sigprocmask(SIG_BLOCK, &set, &old));
  show_mask();
  sigemptyset(&set), sigaddset(&set, SIGINT), sigaddset(&set, SIGHUP);
  TRY(sigprocmask(SIG_UNBLOCK, &set, &old));
  show_mask();
  SHOW(sigismember(&old, SIGINT));
  sigfillset(&set);
  TRY(sigprocmask(SIG_SETMASK, &set, NULL));
  show_mask();
  TRY(sigprocmask(99, &set, NULL));
  sigemptyset(&set);
  sigprocmask(SIG_SETMASK, &set, NULL);
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER}, before;
  sigaddset(&action.sa_mask, SIGCHLD);
  TRY(sigaction(SIGUSR2, &action, &before));
  SHOW(before.sa_handler == SIG_DFL);
  TRY(sigaction(SIGUSR2, NULL, &before));
  SHOW(before.sa_handler == handler && (before.sa_flags & ~0x04000000) == (SA_RESTART | SA_NODEFER));
  SHOW(sigismember(&before.sa_mask, SIGCHLD));
  TRY(sigaction(SIGKILL, &action, NULL));
  TRY(sigaction(0, &action, NULL));
  TRY(sigaction(SIGSTOP, NULL, &before));
  return 0;
}
