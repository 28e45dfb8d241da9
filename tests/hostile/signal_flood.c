// A million signals of each kind to a process that blocks them.
//: memory 64M
//: prints 1000000 by kill
//: prints EAGAIN past RLIMIT_SIGPENDING
//: prints exit 0
#include "hostile.h"

int main(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  const pid_t child = fork();
  if (child == 0) {
    int taken = 0;
    sigwaitinfo(&(sigset_t){{1UL << (SIGUSR2 - 1)}}, NULL);
    while (sigtimedwait(&all, NULL, &(struct timespec){0, 0}) > 0) ++taken;
    _exit(taken < 4096 + 32 ? 0 : 1);
  }
  int sent = 0, refused = 0, queued = 0;
  for (int i = 0; i < 1000000; ++i) sent += kill(child, SIGUSR1) == 0;
  say("%d by kill\n", sent);
  for (int i = 0; i < 1000000; ++i) {
    if (sigqueue(child, SIGRTMIN + i % 8, (union sigval){i}) == 0) ++queued;
    else if (errno == EAGAIN) ++refused;
  }
  say("%s past %s\n", refused == 1000000 - queued ? "EAGAIN" : "another error",
      queued > 4000 && queued <= 4096 ? "RLIMIT_SIGPENDING" : "another limit");
  kill(child, SIGUSR2);
  show_end(child);
}
