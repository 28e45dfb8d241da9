// Signals on their way to a tracee: let through, suppressed, replaced, injected.
#include "tracing.h"

static volatile sig_atomic_t got[65];
static void handler(int signal) { ++got[signal]; }
static int work(void) {
  signal(SIGUSR1, handler), signal(SIGUSR2, handler), signal(SIGHUP, handler), signal(SIGCHLD, handler);
  raise(SIGUSR1);  // let through
  raise(SIGUSR1);  // suppressed
  raise(SIGUSR1);  // replaced by SIGUSR2
  raise(SIGTERM);  // replaced by SIGHUP
  raise(SIGCHLD);  // let through
  raise(SIGWINCH); // ignored by default: reported all the same
  char text[100];
  write(1, text, (size_t)snprintf(text, sizeof text, "USR1 %d USR2 %d HUP %d CHLD %d\n", got[SIGUSR1], got[SIGUSR2], got[SIGHUP], got[SIGCHLD]));
  getppid();       // a signal that comes from the tracer alone
  return 0;
}

int main(void) {
  const pid_t pid = tracee(work);
  static const int inject[] = {0, SIGUSR1, 0, SIGUSR2, SIGHUP, SIGCHLD, SIGWINCH};
  for (int n = 0; n < 7; ++n) {
    ptrace(n == 6 ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, inject[n]);
    show_wait("next", pid);
  }
  // Injected in a system call stop: ignored there. In a signal stop it kills.
  ptrace(PTRACE_CONT, pid, 0, SIGTERM);
  show_wait("injected at a system call", pid);

  const pid_t other = tracee(work);
  TRY(ptrace(PTRACE_CONT, other, 0, 1000));
  TRY(ptrace(PTRACE_CONT, other, 0, SIGKILL));
  show_wait("injected SIGKILL", other);
  const pid_t third = tracee(work);
  TRY(ptrace(PTRACE_KILL, third, 0, 0));
  show_wait("PTRACE_KILL", third);
  return 0;
}
