// SIGCHLD of a continued child: the child sends it when it next runs, so a parent that does not let go of the processor has
// none yet; what wait(2) says is there at once.
#define _GNU_SOURCE
#include <sched.h>

#include "tasks.h"

static volatile sig_atomic_t notices, codes[8];
static void notice(int number, siginfo_t* info, void* context) {
  (void)number, (void)context;
  codes[notices & 7] = info->si_code;
  ++notices;
}

int main(void) {
  // All on one processor, so that the child runs when the parent waits and not before.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  const struct sigaction action = {.sa_sigaction = notice, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGCHLD, &action, NULL);
  const pid_t child = fork_flushed();
  if (child == 0) {
    nice(19);  // not to preempt the parent by being woken
    raise(SIGSTOP);
    for (;;) pause();
  }
  int status;
  SHOW(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
  printf("notices %d, code %d\n", (int)notices, (int)codes[0]);
  kill(child, SIGCONT);
  const int at_once = notices;
  siginfo_t info = {0};
  const int waited = waitid(P_PID, (id_t)child, &info, WCONTINUED | WNOHANG | WNOWAIT);
  printf("at once: notices %d, wait %d code %d\n", at_once, waited, info.si_code);
  SHOW(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
  while (notices < 2) sched_yield();
  printf("notices %d, codes %d %d\n", (int)notices, (int)codes[0], (int)codes[1]);
  kill(child, SIGKILL);
  SHOW(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
  printf("notices %d, code %d\n", (int)notices, (int)codes[2]);
  return 0;
}
