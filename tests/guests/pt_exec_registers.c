// The registers at the stop after execve(2): the call's number is still there, its result is 0; single steps go over it.
//: differs ppc64
#include "tracing.h"

static const char* self;
static int executes(void) {
  execl(self, self, "again", NULL);
  return 1;
}

static void show(const char* what, pid_t pid) {
  regs_t regs = get_regs(pid);
#if defined(__x86_64__)
  printf("%s: orig_rax %ld rax %ld TF %d\n", what, (long)regs.orig_rax, (long)regs.rax, (int)(regs.eflags >> 8 & 1));
#else
  printf("%s: r0 %ld r3 %ld trap %lx orig_r3 %s SE %d\n", what, regs.gpr[0], regs.gpr[3], regs.trap, regs.orig_gpr3 == 0 ? "0" : regs.orig_gpr3 == ~0ul ? "-1" : "an address", (int)(regs.msr >> 10 & 1));
#endif
}

int main(int argc, char** argv) {
  if (argc > 1) return 7;
  self = argv[0];
  for (int how = 0; how < 3; ++how) {
    const pid_t pid = tracee(executes);
    request(PTRACE_SETOPTIONS, pid, 0, how == 1 ? PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD : PTRACE_O_TRACESYSGOOD);
    if (how == 2) {  // steps over it
      regs_t regs;
      int status, steps = 0;
      do {
        request(PTRACE_SINGLESTEP, pid, 0, 0);
        status = wait_for(pid);
        siginfo_t info;
        ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
        regs = get_regs(pid);
        if (NUMBER(regs) == SYS_execve && result_of(&regs) == 0) {
          printf("stepped over: %s code %d\n", status_text(status), info.si_code);
          show("there", pid);
          break;
        }
      } while (WIFSTOPPED(status) && ++steps < 20000);
      request(PTRACE_SINGLESTEP, pid, 0, 0);
      show_wait("one step more", pid);
      show("there", pid);
    } else {
      request(PTRACE_CONT, pid, 0, 0);
      show_wait("stop", pid);
      show("there", pid);
      request(PTRACE_SYSCALL, pid, 0, 0);
      show_wait("next", pid);
      show("there", pid);
    }
    request(PTRACE_CONT, pid, 0, 0);
    show_wait("end", pid);
    fflush(stdout);
  }
  return 0;
}
