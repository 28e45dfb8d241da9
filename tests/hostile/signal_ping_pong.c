// Two processes that do nothing but send each other signals.
//: memory 64M
//: prints 20000 there and back
#include "hostile.h"

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) {
    for (;;) sigwaitinfo(&set, NULL), kill(parent, SIGUSR1);
  }
  int rounds = 0;
  for (; rounds < 20000; ++rounds) kill(child, SIGUSR1), sigwaitinfo(&set, NULL);
  say("%d there and back\n", rounds);
}
