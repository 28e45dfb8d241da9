// PTRACE_SINGLESTEP through a loop: one stop an instruction, and where each is.
#include "tracing.h"

extern char loop_begin[], loop_end[];
#if defined(__x86_64__)
asm(".text\nrun_loop: .globl loop_begin, loop_end\nmov $5, %ecx\nloop_begin: nop\nadd $3, %rax\ndec %ecx\njnz loop_begin\nloop_end: ret\n");
void run_loop(void);
enum { kStepsInLoop = 4 * 5 };
#define RUN() run_loop()
#else
#define RUN()                                                                                                             \
  asm volatile("li 9, 5\n mtctr 9\n .globl loop_begin, loop_end\n loop_begin: nop\n addi 9, 9, 3\n addi 10, 9, -1\n bdnz loop_begin\n" \
               "loop_end: nop" : : : "r9", "r10", "ctr")
enum { kStepsInLoop = 4 * 5 };
#endif

static int work(void) {
  RUN();
  return 3;
}

int main(void) {
  const pid_t pid = tracee(work);
  int inside = 0, jumps = 0, others = 0;
  unsigned long last = 0;
  for (int steps = 0; steps < 200000; ++steps) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      break;
    }
    if (WSTOPSIG(status) != SIGTRAP) ++others;
    const unsigned long pc = (unsigned long)PC(*(regs_t[]){get_regs(pid)});
    if (last >= (unsigned long)loop_begin && last < (unsigned long)loop_end) {
      ++inside;
      if (pc < last) ++jumps;
    }
    if (inside == 1) {
      siginfo_t info;
      ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
      if (last == (unsigned long)loop_begin && jumps == 0) printf("%s code %d\n", signal_name(info.si_signo), info.si_code);
    }
    last = pc;
  }
  printf("%d steps in the loop, %d expected, %d jumps back, %d other signals\n", inside, kStepsInLoop, jumps, others);
  return 0;
}
