// PTRACE_PEEKUSER and PTRACE_POKEUSER: registers by their offsets, and offsets that are none.
#include "tracing.h"

static volatile long answer;
static int work(void) {
  long value;
#if defined(__x86_64__)
  asm volatile("mov $77, %%rbx\n int3\n mov %%rbx, %0" : "=r"(value) : : "rbx");
#else
  asm volatile("li 30, 77\n .globl kept_trap\n kept_trap: trap\n mr %0, 30" : "=r"(value) : : "r30");
#endif
  return (int)value;
}

int main(void) {
  const pid_t pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("trap", pid);
  errno = 0;
  printf("%ld %d\n", ptrace(PTRACE_PEEKUSER, pid, INTEGER_OFFSET, 0), errno);
  printf("the same as in the set: %d\n", (unsigned long)ptrace(PTRACE_PEEKUSER, pid, INTEGER_OFFSET, 0) == INTEGER(*(regs_t[]){get_regs(pid)}));
  TRY(ptrace(PTRACE_POKEUSER, pid, INTEGER_OFFSET, 88));
  const unsigned long pc = (unsigned long)ptrace(PTRACE_PEEKUSER, pid, PC_OFFSET, 0);
  printf("program counter: %d\n", pc == PC(*(regs_t[]){get_regs(pid)}));
  const unsigned long next = kPastBreakpoint ? pc : pc + kBreakpointSize;
  TRY(ptrace(PTRACE_POKEUSER, pid, PC_OFFSET, next));
  TRY(ptrace(PTRACE_PEEKUSER, pid, 1, 0));
  TRY(ptrace(PTRACE_POKEUSER, pid, 4, 0));
  TRY(ptrace(PTRACE_PEEKUSER, pid, 100000, 0));
  TRY(ptrace(PTRACE_POKEUSER, pid, 100000, 0));
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);
  return 0;
}
