// One hardware watchpoint on a tracee's write to eight aligned bytes, in the way of each instruction set.
#pragma once
#include "tracing.h"
#if defined(__x86_64__)
static inline int watch_write(pid_t pid, volatile void* address) {
  if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), address) != 0) return -1;
  return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 1 | 9ul << 16) == 0 ? 1 : -1;
}
static inline int unwatch(pid_t pid, int handle) { return (int)ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0); }
// After a hit: the instruction has executed.
static inline void pass(pid_t pid, int handle) {}
#else
struct hw_breakpoint { uint32_t version, trigger, address_mode, condition_mode; uint64_t address, address2, condition; };
static inline int watch_write(pid_t pid, volatile void* address) {
  struct hw_breakpoint request = {1, 4, 0, 0, (uintptr_t)address, 0, 0};
  return (int)ptrace((enum __ptrace_request)0x88, pid, 0, &request);
}
static inline int unwatch(pid_t pid, int handle) { return (int)ptrace((enum __ptrace_request)0x87, pid, 0, handle); }
// After a hit: the instruction has not executed, and the watchpoint is disabled until it is deleted.
static inline void pass(pid_t pid, int handle) {
  unwatch(pid, handle);
  ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
  wait_for(pid);
}
#endif
