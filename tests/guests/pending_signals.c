// A blocked signal waits, is reported by sigpending, is taken by being ignored, and kills once unblocked.
#include <signal.h>
#include <stdio.h>

int main(void) {
  sigset_t set, pending;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1), raise(SIGTERM);
  sigemptyset(&pending);
  printf("pending %d:", sigpending(&pending));
  for (int i = 1; i < 65; ++i) if (sigismember(&pending, i) == 1) printf(" %d", i);
  signal(SIGTERM, SIG_IGN);
  sigpending(&pending);
  printf(", after ignoring %d %d\n", sigismember(&pending, SIGTERM), sigismember(&pending, SIGUSR1));
  fflush(stdout);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  puts("survived");
  return 0;
}
