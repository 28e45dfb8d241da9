// PTRACE_SINGLEBLOCK stops behind branches only; a step over a system call has its own code; PTRACE_SYSEMU leaves calls out.
//: expected
#include "tracing.h"


// A branch that is never taken in a loop: PPC64 stops behind it all the same.
// Virtual machines tend to have no BTF and step one instruction at a time.
extern char loop_begin[], loop_middle[], loop_end[];
static int branches(void) {
#if defined(__x86_64__)
  __asm__ volatile(
      ".globl loop_begin, loop_middle, loop_end\n mov $5, %%ecx\n jmp loop_begin\n loop_begin: nop\n add $3, %%rax\n test %%ecx, %%ecx\n"
      "jz loop_end\n loop_middle: dec %%ecx\n jnz loop_begin\n loop_end: nop" ::: "rcx", "rax", "cc");
#else
  __asm__ volatile(
      ".globl loop_begin, loop_middle, loop_end\n li 9, 5\n mtctr 9\n cmpdi 9, 0\n b loop_begin\n loop_begin: nop\n addi 10, 9, 3\n"
      "beq loop_end\n loop_middle: nop\n bdnz loop_begin\n loop_end: nop" ::: "r9", "r10", "ctr", "cr0");
#endif
  return 3;
}

static int calls(void) {
  for (int i = 0; i < 3; ++i) syscall(SYS_getppid);
  return 4;
}

static int writes(void) { return syscall(SYS_write, 1, "not to be seen\n", 15) == 15 ? 5 : 6; }

static void count_blocks(void) {
  const pid_t pid = tracee(branches);
  int begins = 0, middles = 0, other = 0, end = 0;
  for (int i = 0; i < 100000; ++i) {
    ptrace(PTRACE_SINGLEBLOCK, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      break;
    }
    if (WSTOPSIG(status) != SIGTRAP) ++other;
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    const unsigned long pc = (unsigned long)PC(*(regs_t[]){get_regs(pid)});
    begins += pc == (unsigned long)loop_begin;
    middles += pc == (unsigned long)loop_middle;
    end += pc == (unsigned long)loop_end;
    if (pc == (unsigned long)loop_begin && begins == 1) printf("code %d\n", info.si_code);
    if (pc > (unsigned long)loop_begin && pc < (unsigned long)loop_end && pc != (unsigned long)loop_middle) ++other;
  }
#if defined(__x86_64__)
  const int all = middles == 0 && end == 0;
#else
  const int all = middles == 5 && end == 1;
#endif
  printf("%d at the beginning, others as they should be: %d, elsewhere %d\n", begins, all, other);
}

static void step_over_calls(void) {
  const pid_t pid = tracee(calls);
  int in_calls = 0, right = 0, at_pc = 0;
  unsigned long last = 0;
  for (int i = 0; i < 100000; ++i) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      break;
    }
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    const unsigned long pc = (unsigned long)PC(*(regs_t[]){get_regs(pid)});
#if defined(__x86_64__)
    enum { kSize = 2, kCode = TRAP_BRKPT };
    const int call = (ptrace(PTRACE_PEEKTEXT, pid, pc - kSize, 0) & 0xffff) == 0x050f;
#else
    enum { kSize = 4, kCode = TRAP_TRACE };
    const int call = (unsigned long)ptrace(PTRACE_PEEKTEXT, pid, pc - kSize, 0) >> 32 == 0x44000002;
#endif
    const int stepped = call && last == pc - kSize;
    last = pc;
    if (!stepped) continue;
    ++in_calls;
    right += info.si_signo == SIGTRAP && info.si_code == kCode;
    at_pc += (unsigned long)info.si_addr == pc;
  }
  printf("all calls: %d, as they should be: %d, %d\n", in_calls >= 3, in_calls == right, in_calls == at_pc);
}

static void emulate(int request) {
  const pid_t pid = tracee(writes);
  ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  int steps = 0, status = 0;
  for (int i = 0; i < 100000; ++i) {
    ptrace(request, pid, 0, 0);
    status = wait_for(pid);
    if (!WIFSTOPPED(status)) break;
    regs_t regs = get_regs(pid);
    struct { unsigned char op; char rest[87]; } info = {0};
    const long size = syscall(SYS_ptrace, 0x420e, pid, sizeof info, &info);
    if (size > 0 && info.op == 1 && NUMBER(regs) == SYS_write) {
      printf("%s at write\n", status_text(status));
      set_result(&regs, 15);
      set_regs(pid, &regs);
    } else if (size > 0 && info.op == 1 && NUMBER(regs) == SYS_exit_group) {
      printf("%s at exit_group of %ld\n", status_text(status), (long)ARG(regs, 0));
      break;
    } else {
      ++steps;
    }
  }
  printf("steps between: %d\n", steps > 0);
  end(pid);
}

int main(void) {
  count_blocks();
  step_over_calls();
  emulate(PTRACE_SYSEMU);
  emulate(PTRACE_SYSEMU_SINGLESTEP);
  return 0;
}
