// PTRACE_GETREGSET and PTRACE_SETREGSET: NT_PRSTATUS and NT_PRFPREG, whole and in part.
#include "tracing.h"

static volatile double kept = 1.5;
static int work(void) {
  double value;
#if defined(__x86_64__)
  asm volatile("movsd %1, %%xmm7\n int3\n movsd %%xmm7, %0" : "=m"(value) : "m"(kept) : "xmm7");
#else
  asm volatile("fmr 20, %1\n trap\n fmr %0, 20" : "=d"(value) : "d"(kept) : "fr20");
#endif
  printf("the child has %g\n", value);
  fflush(stdout);
  return 0;
}

#if defined(__x86_64__)
enum { kFloatSize = 512, kFloatAt = 160 + 7 * 16 };
#else
enum { kFloatSize = 33 * 8, kFloatAt = 20 * 8 };
#endif

int main(void) {
  const pid_t pid = tracee(work);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("trap", pid);
  char set[1024];
  struct iovec iov = {set, sizeof set};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
  double value;
  memcpy(&value, set + kFloatAt, sizeof value);
  printf("size %d: %g\n", iov.iov_len == kFloatSize, value);
  value = -2.25;
  memcpy(set + kFloatAt, &value, sizeof value);
  TRY(ptrace(PTRACE_SETREGSET, pid, NT_PRFPREG, &iov));

  iov = (struct iovec){set, sizeof set};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
  printf("size of the integer set: %d\n", iov.iov_len == sizeof(regs_t));
  regs_t regs, part;
  memcpy(&regs, set, sizeof regs);
  memset(&part, 0x5a, sizeof part);
  iov = (struct iovec){&part, 64};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
  printf("in part: %d %d %d\n", (int)iov.iov_len, memcmp(&part, &regs, 64) == 0, ((char*)&part)[64]);
  iov = (struct iovec){&part, 61};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
  iov = (struct iovec){&part, 0};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
  printf("nothing: %d\n", (int)iov.iov_len);
  TRY(ptrace(PTRACE_GETREGSET, pid, 0x7777, &iov));
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8));
  iov = (struct iovec){(void*)8, 64};
  TRY(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
  if (kPastBreakpoint == 0) PC(regs) += 4, set_regs(pid, &regs);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);
  return 0;
}
