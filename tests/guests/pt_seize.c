// PTRACE_SEIZE: no stop on attaching; PTRACE_INTERRUPT; group-stops, and PTRACE_LISTEN in them.
#include "tracing.h"

int main(void) {
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    for (;;) pause();
  }
  TRY(ptrace(PTRACE_SEIZE, pid, 0, 0));
  TRY(ptrace(PTRACE_LISTEN, pid, 0, 0));
  int status = 0;
  printf("no stop: %d\n", waitpid(pid, &status, __WALL | WNOHANG));
  TRY(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  show_wait("interrupted", pid);
  TRY(ptrace(PTRACE_LISTEN, pid, 0, 0));
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));
  printf("nothing more: %d\n", waitpid(pid, &status, __WALL | WNOHANG));
  TRY(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  show_wait("interrupted again", pid);
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));

  kill(pid, SIGTSTP);
  show_wait("SIGTSTP is delivered", pid);
  TRY(ptrace(PTRACE_LISTEN, pid, 0, 0));
  TRY(ptrace(PTRACE_CONT, pid, 0, SIGTSTP));
  show_wait("group-stop", pid);
  siginfo_t info;
  TRY(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("signal %s, code %#x\n", signal_name(info.si_signo), (unsigned)info.si_code);
  TRY(ptrace(PTRACE_LISTEN, pid, 0, 0));
  printf("listens: %d\n", waitpid(pid, &status, __WALL | WNOHANG));
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));
  kill(pid, SIGCONT);
  show_wait("SIGCONT ends the listening", pid);
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));
  show_wait("SIGCONT is delivered", pid);
  TRY(ptrace(PTRACE_CONT, pid, 0, SIGCONT));

  // PTRACE_INTERRUPT while it listens.
  kill(pid, SIGSTOP);
  show_wait("SIGSTOP is delivered", pid);
  TRY(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
  show_wait("group-stop", pid);
  TRY(ptrace(PTRACE_LISTEN, pid, 0, 0));
  TRY(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  show_wait("interrupted while listening", pid);
  TRY(ptrace(PTRACE_DETACH, pid, 0, 0));
  waitpid(pid, &status, WUNTRACED);
  printf("its parent sees it: %s\n", status_text(status));
  TRY(ptrace(PTRACE_SEIZE, pid, 1, 0));
  TRY(ptrace(PTRACE_SEIZE, pid, 0, 1ul << 30));
  TRY(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
  show_wait("seized in a group-stop", pid);
  kill(pid, SIGKILL);
  show_wait("end", pid);
  return 0;
}
