// Every signal stops a tracee before it is delivered, but SIGKILL.
#include "tracing.h"

static int work(void) { for (;;) pause(); }

int main(void) {
  const pid_t pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == 32 || signal == 33) continue;
    kill(pid, signal);
    const int status = wait_for(pid);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    printf("%d: %s, code %d, ours %d\n", signal, status_text(status), info.si_code, info.si_pid == getpid());
    ptrace(PTRACE_CONT, pid, 0, 0);
  }
  kill(pid, SIGKILL);
  show_wait("SIGKILL", pid);
  return 0;
}
