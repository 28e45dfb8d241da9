// PTRACE_TRACEME, and the SIGTRAP after execve(2) without PTRACE_O_TRACEEXEC.
#include "tracing.h"

int main(int argc, char** argv) {
  if (argc > 1) return printf("the new program, argument %s\n", argv[1]), 7;
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execl("/proc/self/exe", "program", "again", (char*)0);
    _exit(1);
  }
  const int status = wait_for(pid);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("after exec: %s\n", status_text(status));
  printf("si_code %d, from itself %d\n", info.si_code, info.si_pid == pid);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);

  // A blocked SIGTRAP is delivered none the less only when it is unblocked: the stop does not come.
  fflush(stdout);
  const pid_t quiet = fork();
  if (quiet == 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    sigprocmask(SIG_BLOCK, &set, 0);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execl("/proc/self/exe", "program", "quiet", (char*)0);
    _exit(1);
  }
  show_wait("with SIGTRAP blocked", quiet);
  TRY(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 0 : -1);
  return 0;
}
