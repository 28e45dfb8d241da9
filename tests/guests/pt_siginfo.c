// PTRACE_GETSIGINFO and PTRACE_SETSIGINFO: what a handler gets to see is what the tracer set; PTRACE_PEEKSIGINFO.
#include "tracing.h"

static void handler(int signal, siginfo_t* info, void* context) {
  char text[100];
  const int length = snprintf(text, sizeof text, "handler: %s code %d value %d\n", signal_name(signal), info->si_code, info->si_value.sival_int);
  write(1, text, (size_t)length);
}

static int work(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGUSR2, &action, 0);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 11});
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 12});
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 13});
  return 0;
}

int main(void) {
  const pid_t pid = tracee(work);
  for (int n = 0;; ++n) {
    ptrace(PTRACE_CONT, pid, 0, n == 0 ? 0 : n == 3 ? SIGUSR2 : SIGUSR1);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      break;
    }
    siginfo_t info;
    memset(&info, 0, sizeof info);
    TRY(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("%s code %d value %d, from itself %d\n", signal_name(info.si_signo), info.si_code, info.si_value.sival_int, info.si_pid == pid);
    if (n == 1) {
      info.si_value.sival_int = 99;
      TRY(ptrace(PTRACE_SETSIGINFO, pid, 0, &info));
    }
  }
  const pid_t other = tracee(work);
  TRY(ptrace(PTRACE_GETSIGINFO, other, 0, 8));
  TRY(ptrace(PTRACE_SETSIGINFO, other, 0, 8));
  end(other);
  return 0;
}
