// Requests that are refused: to whom, in which state, and with what arguments.
#include "tracing.h"

int main(void) {
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    for (;;) pause();
  }
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));         // not traced
  TRY(ptrace(PTRACE_CONT, 999999, 0, 0));      // no such task
  TRY(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  TRY(ptrace(PTRACE_DETACH, pid, 0, 0));
  TRY(ptrace(PTRACE_SEIZE, pid, 0, 0));
  TRY(ptrace(PTRACE_SEIZE, pid, 0, 0));        // traced already, by us
  TRY(ptrace(PTRACE_PEEKDATA, pid, &errno, 0));  // it runs
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, 0));
  TRY(ptrace(PTRACE_GETEVENTMSG, pid, 0, &errno));
  fflush(stdout);
  const pid_t other = fork();
  if (other == 0) {
    TRY(ptrace(PTRACE_ATTACH, pid, 0, 0));     // somebody else's
    TRY(ptrace(PTRACE_CONT, pid, 0, 0));
    TRY(ptrace(PTRACE_TRACEME, 0, 0, 0));
    TRY(ptrace(PTRACE_TRACEME, 0, 0, 0));
    fflush(stdout);
    _exit(0);
  }
  show_wait("other", other);
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  show_wait("interrupted", pid);
  TRY(request(0x7777, pid, 0, 0));             // no such request
  TRY(request(PTRACE_LISTEN, pid, 0, 0));
  TRY(request(PTRACE_SETOPTIONS, pid, 0, 0));  // it listens
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  show_wait("interrupted", pid);
  TRY(request(PTRACE_CONT, pid, 0, 65));
  TRY(request(PTRACE_CONT, pid, 0, (unsigned long)-1));
  TRY(request(PTRACE_GETEVENTMSG, pid, 0, 8));
  kill(pid, SIGKILL);
  show_wait("end", pid);
  TRY(ptrace(PTRACE_CONT, pid, 0, 0));
  TRY(ptrace(PTRACE_ATTACH, 1 << 30, 0, 0));
  return 0;
}
