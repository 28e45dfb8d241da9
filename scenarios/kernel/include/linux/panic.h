/* panic() and taints. */
#ifndef TRAPLINE_LINUX_PANIC_H
#define TRAPLINE_LINUX_PANIC_H

#include <linux/compiler.h>
__printf(1, 2) void panic(const char* fmt, ...) __noreturn __cold;
#define TAINT_USER 6
#define TAINT_WARN 9
#define TAINT_OOT_MODULE 12
#define TAINT_TEST 18
enum lockdep_ok { LOCKDEP_STILL_OK, LOCKDEP_NOW_UNRELIABLE };
#define add_taint(flag, lockdep) \
  do {                           \
  } while (0)

#endif
