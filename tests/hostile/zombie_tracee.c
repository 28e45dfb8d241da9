// A tracee is killed while it steps, and its tracer ends without waiting for it: no registers are left that the step could be taken
// out of.
//: prints end
#include "hostile.h"

static void tracer(void) {
  const int child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    for (;;) {}
  }
  waitpid(child, NULL, 0);
  ptrace(PTRACE_SINGLESTEP, child, 0, 0);
  kill(child, SIGKILL);
  usleep(2000);
  _exit(0);
}

int main(void) {
  for (int i = 0; i < 300; ++i) {
    if (fork() == 0) tracer();
    wait(NULL);
  }
  say("end\n");
  return 0;
}
