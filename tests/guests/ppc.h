// PPC64's requests for breakpoints (Documentation/powerpc/ptrace.rst; asm/ptrace.h).
#pragma once
#include "tracing.h"
struct debug_info { uint32_t version, instruction_bps, data_bps, condition_regs, data_bp_alignment, sizeof_condition; uint64_t features; };
struct hw_breakpoint { uint32_t version, trigger, address_mode, condition_mode; uint64_t address, address2, condition; };
enum { kDelHwDebug = 0x87, kSetHwDebug = 0x88, kGetHwDbgInfo = 0x89, kGetDebugReg = 25, kSetDebugReg = 26 };
enum { kTriggerExecute = 1, kTriggerRead = 2, kTriggerWrite = 4 };
enum { kExact = 0, kRangeInclusive = 1, kRangeExclusive = 2, kMask = 3 };
static inline long set(pid_t pid, unsigned trigger, unsigned mode, volatile void* address, unsigned long length) {
  struct hw_breakpoint wanted = {1, trigger, mode, 0, (uintptr_t)address, length ? (uintptr_t)address + length : 0, 0};
  errno = 0;
  return request(kSetHwDebug, pid, 0, (unsigned long)&wanted);
}
static inline const char* outcome(long result) {
  static char text[32];
  if (result == -1) return strerrorname_np(errno) ? strerrorname_np(errno) : (snprintf(text, sizeof text, "errno %d", errno), text);
  snprintf(text, sizeof text, "%ld", result);
  return text;
}
// Goes on to the next stop, and tells where the access was, relative to `base`.
static inline int hit(pid_t pid, volatile void* base) {
  ptrace(PTRACE_CONT, pid, 0, 0);
  const int status = wait_for(pid);
  printf("%s", status_text(status));
  if (WIFSTOPPED(status)) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    if (WSTOPSIG(status) == SIGTRAP) printf(" code %d at +%ld, trap %#lx", info.si_code, (long)((char*)info.si_addr - (char*)base), get_regs(pid).trap);
  }
  printf("\n");
  return status;
}
static inline void step(pid_t pid) {
  ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
  const int status = wait_for(pid);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("step: %s code %d\n", status_text(status), info.si_code);
}
