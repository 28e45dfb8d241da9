// PTRACE_SET_DEBUGREG and PTRACE_GET_DEBUGREG: the DABR as debuggers before POWER7 knew it.
//: isa ppc64
//: expected
#include "ppc.h"
static volatile uint64_t area[8] __attribute__((aligned(64)));
static int work(void) {
  area[0] = 1;
  area[1] = 2;
  (void)area[1];
  area[2] = 3;
  return 6;
}
static void write_(pid_t pid, const char* what, int n, unsigned long value) {
  errno = 0;
  printf("%s: %s", what, outcome(request(kSetDebugReg, pid, (unsigned long)n, value)));
  unsigned long got = 0;
  errno = 0;
  if (request(kGetDebugReg, pid, 0, (unsigned long)&got) != 0) printf(", reads %s\n", strerrorname_np(errno));
  else printf(", reads %s+%lu\n", got > 4096 ? "area" : "nothing", got > 4096 ? got - (unsigned long)area : got);
}

int main(void) {
  const pid_t pid = tracee(work);
  const unsigned long at = (unsigned long)area;
  unsigned long got = 1;
  printf("at first: %s", outcome(request(kGetDebugReg, pid, 0, (unsigned long)&got)));
  printf(" %#lx\n", got);
  printf("register 1: %s\n", outcome(request(kGetDebugReg, pid, 1, (unsigned long)&got)));
  write_(pid, "register 1", 1, at | 6);
  write_(pid, "without translation", 0, at | 2);
  write_(pid, "kernel address", 0, 0xc000000000000006);
  write_(pid, "neither reads nor writes", 0, at | 4);
  write_(pid, "writes", 0, at | 6);
  printf("the one register is taken: %s\n", outcome(set(pid, kTriggerWrite, kExact, area + 1, 0)));
  hit(pid, area);
  step(pid);
  write_(pid, "reads elsewhere", 0, (at + 8) | 5);
  hit(pid, area);
  step(pid);
  write_(pid, "off", 0, 0);
  hit(pid, area);
  return 0;
}
