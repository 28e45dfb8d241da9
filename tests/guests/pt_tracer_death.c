// A tracer that dies leaves its tracee untraced and running; one that was stopped by ptrace goes on.
#include "tracing.h"

int main(void) {
  int go[2];
  pipe(go);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    char c;
    read(go[0], &c, 1);
    _exit(c);
  }
  const pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_SEIZE, child, 0, 0) != 0) _exit(1);
    ptrace(PTRACE_INTERRUPT, child, 0, 0);
    const int status = wait_for(child);
    _exit(WIFSTOPPED(status) && status >> 16 == 128 ? 0 : 2);
  }
  show_wait("tracer", tracer);
  write(go[1], "\x2a", 1);
  show_wait("child", child);
  return 0;
}
