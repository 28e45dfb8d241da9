// Requests that make no sense, to oneself, to threads of one's own, to who is not there or not stopped.
//: memory 64M
//: prints none of it worked
#include "hostile.h"

int main(void) {
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) for (;;) pause();
  const pid_t targets[] = {0, -1, 1, self, child, 99999, 1 << 30};
  int worked = 0;
  for (unsigned t = 0; t < sizeof targets / sizeof *targets; ++t) {
    for (long request = 1; request < 0x4220; request = request == 40 ? 0x4200 : request + 1) {
      if (request == PTRACE_ATTACH && targets[t] == child) continue;
      if (request == PTRACE_SEIZE && targets[t] == child) continue;
      worked += syscall(SYS_ptrace, request, targets[t], ~0UL, ~0UL) != -1;
    }
  }
  // Stopped, with addresses that are none.
  ptrace(PTRACE_ATTACH, child, 0, 0);
  waitpid(child, NULL, 0);
  for (long request = 1; request < 0x4220; request = request == 40 ? 0x4200 : request + 1) {
    if (request == PTRACE_CONT || request == PTRACE_KILL || request == PTRACE_DETACH) continue;
    for (int i = 0; i < 6; ++i) {
      const unsigned long values[] = {0, 1, ~0UL, 1UL << 47, 4095, 0x8000000000000000};
      syscall(SYS_ptrace, request, child, values[i], values[(i * 5 + 2) % 6]);
    }
  }
  say(worked == 0 ? "none of it worked\n" : "%d worked\n", worked);
  kill(child, SIGKILL);
}
