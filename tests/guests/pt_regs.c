// PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_GETFPREGS: what may be set, and what is refused.
//: isa x86-64
#include "tracing.h"

static int work(void) {
  long value;
  asm volatile("mov $5, %%rbx\n int3\n mov %%rbx, %0" : "=r"(value) : : "rbx");
  return (int)value;
}

int main(void) {
  const pid_t pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("trap", pid);
  struct user_regs_struct regs;
  TRY(ptrace(PTRACE_GETREGS, pid, 0, &regs));
  printf("rbx %llu, cs %#llx, ss %#llx, ds %#llx, orig_rax %lld\n", regs.rbx, regs.cs, regs.ss, regs.ds, (long long)regs.orig_rax);
  printf("flags: IF %d TF %d\n", (regs.eflags & 0x200) != 0, (regs.eflags & 0x100) != 0);
  struct user_regs_struct changed = regs;
  changed.rbx = 42;
  changed.eflags = ~0ul;  // only the user's bits change
  TRY(ptrace(PTRACE_SETREGS, pid, 0, &changed));
  ptrace(PTRACE_GETREGS, pid, 0, &changed);
  printf("flags %#llx\n", changed.eflags & ~0x10000ull);
  regs.rbx = 42;
  TRY(ptrace(PTRACE_SETREGS, pid, 0, &regs));
  changed = regs;
  changed.cs = 0;
  TRY(ptrace(PTRACE_SETREGS, pid, 0, &changed));
  changed = regs;
  changed.ss = 0x10;
  TRY(ptrace(PTRACE_SETREGS, pid, 0, &changed));
  changed = regs;
  changed.fs_base = 1ull << 63;
  TRY(ptrace(PTRACE_SETREGS, pid, 0, &changed));
  TRY(ptrace(PTRACE_GETREGS, pid, 0, 8));
  TRY(ptrace(PTRACE_SETREGS, pid, 0, 8));
  struct user_fpregs_struct floating;
  TRY(ptrace(PTRACE_GETFPREGS, pid, 0, &floating));
  printf("cwd %#x mxcsr %#x\n", floating.cwd, floating.mxcsr);
  floating.mxcsr = 0xffffffff;
  TRY(ptrace(PTRACE_SETFPREGS, pid, 0, &floating));
  ptrace(PTRACE_GETREGS, pid, 0, &regs);
  regs.rbx = 43;
  ptrace(PTRACE_SETREGS, pid, 0, &regs);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);
  return 0;
}
