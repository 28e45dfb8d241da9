// The x86 debug registers of a tracee, through struct user.
#pragma once
#include "tracing.h"
static inline long dr_write(pid_t pid, int n, unsigned long value) {
  errno = 0;
  return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg) + 8 * n, value);
}
static inline unsigned long dr_read(pid_t pid, int n) {
  errno = 0;
  return (unsigned long)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg) + 8 * n, 0);
}
// R/W and LEN of breakpoint n, and its local enable.
#define DR7(n, rw, len) (1ul << 2 * (n) | (unsigned long)((rw) | ((len) == 1 ? 0 : (len) == 2 ? 1 : (len) == 4 ? 3 : 2) << 2) << (16 + 4 * (n)))
enum { kExecute = 0, kWrite = 1, kIo = 2, kReadWrite = 3 };
