// PPC_PTRACE_SETHWDEBUG and DELHWDEBUG on a machine with a DABR: what is refused, and how, and handles.
//: isa ppc64
//: expected
#include "ppc.h"
static volatile char area[64] __attribute__((aligned(64)));
static int work(void) { return 0; }

static void attempt_(pid_t pid, const char* what, struct hw_breakpoint wanted) {
  errno = 0;
  const long handle = request(kSetHwDebug, pid, 0, (unsigned long)&wanted);
  printf("%s: %s", what, outcome(handle));
  if (handle > 0) printf(", deleted: %s", outcome(request(kDelHwDebug, pid, 0, (unsigned long)handle)));
  printf("\n");
}

int main(void) {
  const pid_t pid = tracee(work);
  const uint64_t at = (uintptr_t)area;
  attempt_(pid, "version 0", (struct hw_breakpoint){0, kTriggerWrite, kExact, 0, at, 0, 0});
  attempt_(pid, "version 2", (struct hw_breakpoint){2, kTriggerWrite, kExact, 0, at, 0, 0});
  attempt_(pid, "no trigger", (struct hw_breakpoint){1, 0, kExact, 0, at, 0, 0});
  attempt_(pid, "execute", (struct hw_breakpoint){1, kTriggerExecute, kExact, 0, at, 0, 0});
  attempt_(pid, "execute and read", (struct hw_breakpoint){1, kTriggerExecute | kTriggerRead, kExact, 0, at, 0, 0});
  attempt_(pid, "condition", (struct hw_breakpoint){1, kTriggerWrite, kExact, 1, at, 0, 7});
  attempt_(pid, "kernel address", (struct hw_breakpoint){1, kTriggerWrite, kExact, 0, 0xc000000000000000, 0, 0});
  attempt_(pid, "beyond the tasks", (struct hw_breakpoint){1, kTriggerWrite, kExact, 0, 1ull << 62, 0, 0});
  attempt_(pid, "exclusive range", (struct hw_breakpoint){1, kTriggerWrite, kRangeExclusive, 0, at, at + 4, 0});
  attempt_(pid, "mask", (struct hw_breakpoint){1, kTriggerWrite, kMask, 0, at, at + 4, 0});
  attempt_(pid, "exact", (struct hw_breakpoint){1, kTriggerWrite, kExact, 0, at, 0, 0});
  attempt_(pid, "exact, unaligned", (struct hw_breakpoint){1, kTriggerRead | kTriggerWrite, kExact, 0, at + 3, 0, 0});
  attempt_(pid, "range of 8", (struct hw_breakpoint){1, kTriggerRead, kRangeInclusive, 0, at, at + 8, 0});
  attempt_(pid, "range of 9", (struct hw_breakpoint){1, kTriggerRead, kRangeInclusive, 0, at, at + 9, 0});
  attempt_(pid, "range of 6 at 2", (struct hw_breakpoint){1, kTriggerRead, kRangeInclusive, 0, at + 2, at + 8, 0});
  attempt_(pid, "range of 6 at 3", (struct hw_breakpoint){1, kTriggerRead, kRangeInclusive, 0, at + 3, at + 9, 0});
  attempt_(pid, "empty range", (struct hw_breakpoint){1, kTriggerRead, kRangeInclusive, 0, at, at, 0});
  const long handle = set(pid, kTriggerWrite, kExact, area, 0);
  printf("handle %s\n", outcome(handle));
  printf("second: %s\n", outcome(set(pid, kTriggerWrite, kExact, area + 8, 0)));
  printf("delete 0: %s\n", outcome(request(kDelHwDebug, pid, 0, 0)));
  printf("delete 2: %s\n", outcome(request(kDelHwDebug, pid, 0, 2)));
  printf("delete: %s\n", outcome(request(kDelHwDebug, pid, 0, (unsigned long)handle)));
  printf("again: %s\n", outcome(request(kDelHwDebug, pid, 0, (unsigned long)handle)));
  printf("bad address: %s\n", outcome(request(kSetHwDebug, pid, 0, 8)));
  end(pid);
  return 0;
}
