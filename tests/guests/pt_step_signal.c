// Single steps and signals: a step that is resumed with a signal stops at the handler's first instruction; and not inside of a system call.
#include "tracing.h"

static volatile int handled;
static void handler(int signal) { ++handled; }
static int work(void) {
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  return handled;
}

int main(void) {
  pid_t pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("signal", pid);
  const unsigned long before = PC(*(regs_t[]){get_regs(pid)});
  ptrace(PTRACE_SINGLESTEP, pid, 0, SIGUSR1);
  show_wait("stepped with it", pid);
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("moved %d, handled %d, signal %s\n", PC(*(regs_t[]){get_regs(pid)}) != before,
         (int)(ptrace(PTRACE_PEEKDATA, pid, &handled, 0) != 0), signal_name(info.si_signo));
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);

  // Without the signal, a step is a step.
  pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("signal", pid);
  ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
  show_wait("stepped without it", pid);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);
  return 0;
}
