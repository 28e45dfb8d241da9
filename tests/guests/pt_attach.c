// PTRACE_ATTACH sends a SIGSTOP; PTRACE_DETACH, with a signal and without.
//: cpus 4
#include "tracing.h"

static pid_t sleeper(void) {
  int ready[2];
  if (pipe(ready) != 0) exit(1);
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGUSR1, SIG_IGN);
    write(ready[1], "x", 1);
    for (;;) pause();
  }
  char c;
  read(ready[0], &c, 1);
  close(ready[0]), close(ready[1]);
  return pid;
}

int main(void) {
  pid_t pid = sleeper();
  TRY(ptrace(PTRACE_ATTACH, pid, 0, 0));
  show_wait("attached", pid);
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("signal %s, code %d\n", signal_name(info.si_signo), info.si_code);
  TRY(ptrace(PTRACE_ATTACH, pid, 0, 0));
  TRY(ptrace(PTRACE_DETACH, pid, 0, 0));
  TRY(ptrace(PTRACE_DETACH, pid, 0, 0));
  // Not stopped any more, and not traced: a signal that it ignores does nothing, the next one kills.
  kill(pid, SIGUSR1);
  kill(pid, SIGTERM);
  show_wait("end", pid);

  pid = sleeper();
  ptrace(PTRACE_ATTACH, pid, 0, 0);
  wait_for(pid);
  TRY(ptrace(PTRACE_DETACH, pid, 0, SIGHUP));
  show_wait("detached with SIGHUP", pid);

  // Detached in its SIGSTOP with that signal: it stops for its parent.
  pid = sleeper();
  ptrace(PTRACE_ATTACH, pid, 0, 0);
  wait_for(pid);
  TRY(ptrace(PTRACE_DETACH, pid, 0, SIGSTOP));
  int status;
  waitpid(pid, &status, WUNTRACED);
  printf("detached with SIGSTOP: %s\n", status_text(status));
  kill(pid, SIGCONT);
  waitpid(pid, &status, WCONTINUED);
  printf("then: %s\n", status_text(status));

  // Attached while it is stopped by job control.
  kill(pid, SIGSTOP);
  waitpid(pid, &status, WUNTRACED);
  printf("stopped: %s\n", status_text(status));
  TRY(ptrace(PTRACE_ATTACH, pid, 0, 0));
  show_wait("attached", pid);
  kill(pid, SIGKILL);
  show_wait("end", pid);
  TRY(ptrace(PTRACE_ATTACH, pid, 0, 0));
  TRY(ptrace(PTRACE_ATTACH, getpid(), 0, 0));
  TRY(ptrace(PTRACE_ATTACH, getppid() > 0 ? -5 : -6, 0, 0));
  return 0;
}
