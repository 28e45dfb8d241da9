// A tracer that steps 100,000 times, and reads a register each time.
#include "tracing.h"

enum { kStart = 1 << 20 };

static int work(void) {
#if defined(__x86_64__)
  asm volatile("mov $0x100000, %%rbx\n1: inc %%rbx\n jmp 1b" : : : "rbx");
#else
  asm volatile("lis 30, 16\n1: addi 30, 30, 1\n b 1b" : : : "r30");
#endif
  return 0;
}

int main(void) {
  const pid_t pid = tracee(work);
  // Up to the loop: until the register counts.
  unsigned long value = 0;
  while (value <= kStart || value > kStart + 10) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    wait_for(pid);
    value = (unsigned long)ptrace(PTRACE_PEEKUSER, pid, INTEGER_OFFSET, 0);
  }
  const unsigned long first = value;
  for (int i = 0; i < 100000; ++i) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    int status;
    waitpid(pid, &status, 0);
    if (status != (SIGTRAP << 8 | 0x7f)) return printf("%s after %d\n", status_text(status), i), 1;
  }
  value = (unsigned long)ptrace(PTRACE_PEEKUSER, pid, INTEGER_OFFSET, 0);
  printf("the loop of two instructions went round %lu times\n", value - first);
  end(pid);
  return 0;
}
