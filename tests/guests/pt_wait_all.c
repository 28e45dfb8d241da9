// Who gets a tracee's state, and by which wait(2): the tracer first, then the parent; __WALL, WNOHANG, WNOWAIT, waitid.
#include "tracing.h"

int main(void) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  int pipe_[2];
  pipe(pipe_);
  const pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_SEIZE, child, 0, 0) != 0) _exit(1);
    kill(child, SIGUSR1);
    siginfo_t info;
    if (waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT) != 0) _exit(2);
    if (info.si_code != CLD_TRAPPED || info.si_status != SIGUSR1) _exit(3);
    int status;
    if (waitpid(child, &status, WNOHANG) != child) _exit(4);  // a tracer needs no WUNTRACED
    if (waitpid(child, &status, WNOHANG) != 0) _exit(5);      // told once
    ptrace(PTRACE_CONT, child, 0, SIGKILL);
    if (waitpid(child, &status, __WALL) != child || !WIFSIGNALED(status)) _exit(6);
    if (waitpid(child, &status, __WALL) != -1 || errno != ECHILD) _exit(7);
    _exit(0);
  }
  show_wait("tracer", tracer);
  show_wait("child, by its parent", child);

  // A thread of its own kind: a child without SIGCHLD needs __WCLONE or __WALL, unless it is traced.
  static char stack[65536] __attribute__((aligned(64)));
  fflush(stdout);
  const pid_t quiet = (pid_t)syscall(SYS_clone, 0ul, 0ul, 0ul, 0ul, 0ul);
  if (quiet == 0) _exit(8);
  int status;
  printf("without __WALL: %s\n", errno_text(waitpid(quiet, &status, 0) == quiet ? 0 : -1));
  show_wait("with it", quiet);
  (void)stack;
  return 0;
}
