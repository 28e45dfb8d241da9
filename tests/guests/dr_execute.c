// Instruction breakpoints: before the instruction; RF lets it pass when the tracee goes on; four at once; one that is stepped onto.
//: isa x86-64
//: breakpoints
#include "dr.h"

extern char places[];
__attribute__((noinline)) static void run_places(void) { asm volatile(".globl places\nplaces: nop\nnop\nnop\nnop\nnop"); }
static int work(void) {
  run_places();
  run_places();
  return 4;
}

int main(void) {
  const pid_t pid = tracee(work);
  unsigned long dr7 = 0;
  for (int n = 0; n < 4; ++n) dr_write(pid, n, (unsigned long)places + n), dr7 |= DR7(n, kExecute, 1);
  printf("%s\n", errno_text(dr_write(pid, 7, dr7)));
  for (int stop = 0;; ++stop) {
    // The second hit of each round is left by a single step.
    ptrace(stop % 4 == 2 ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      return 0;
    }
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    const regs_t regs = get_regs(pid);
    printf("%s at +%ld code %d DR6 %#lx RF %d\n", status_text(status), (long)(regs.rip - (unsigned long)places), info.si_code, dr_read(pid, 6),
           (int)(regs.eflags >> 16 & 1));
  }
}
