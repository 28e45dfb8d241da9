// A tracer that dies: its tracees go on untraced, or with PTRACE_O_EXITKILL are killed.
#include "tracing.h"
#include <sys/prctl.h>

static void one(int options) {
  int ready[2];
  pipe(ready);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    close(ready[0]);
    for (int i = 0; i < 2; ++i) {
      raise(SIGSTOP);
    }
    _exit(6);
  }
  int status;
  waitpid(child, &status, WUNTRACED);
  printf("child: %s\n", status_text(status));
  fflush(stdout);
  const pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_SEIZE, child, 0, options) != 0) perror("PTRACE_SEIZE");
    wait_for(child);
    _exit(0);
  }
  show_wait("tracer", tracer);
  kill(child, SIGCONT);
  for (;;) {
    waitpid(child, &status, WUNTRACED);
    printf("child: %s\n", status_text(status));
    if (!WIFSTOPPED(status)) break;
    if (WSTOPSIG(status) == SIGSTOP) kill(child, SIGCONT);
  }
}

int main(void) {
  printf("PTRACE_O_EXITKILL:\n");
  one(PTRACE_O_EXITKILL);
  return 0;
}
