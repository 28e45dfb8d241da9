// Whether a system call is emulated is what the tracer said before its entry, not what it says in that stop.
#include "stops.h"

static int written[2];
static int work_of(void) {
  syscall(SYS_write, written[1], "x", 1);
  return 7;
}

int main(void) {
  static const struct { const char* name; int number; } hows[] = {
      {"CONT", PTRACE_CONT}, {"SYSCALL", PTRACE_SYSCALL}, {"SINGLESTEP", PTRACE_SINGLESTEP}, {"SYSEMU", kSysemu}, {"SYSEMU_SINGLESTEP", kSysemuStep}, {"DETACH", PTRACE_DETACH}};
  for (unsigned before = 1; before < 5; ++before) {
    if (hows[before].number == PTRACE_SINGLESTEP) continue;  // does not stop at the entry
    for (unsigned after = 0; after < 6; ++after) {
      if (pipe(written) != 0) return 95;
      const pid_t pid = tracee(work_of);
      request(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
      int status;
      do {
        request(hows[before].number, pid, 0, 0);
        status = wait_for(pid);
      } while (WIFSTOPPED(status) && !(WSTOPSIG(status) == (SIGTRAP | 0x80) && NUMBER(get_regs(pid)) == SYS_write));
      close(written[1]);
      printf("%s, then %s:", hows[before].name, hows[after].name);
      if (!WIFSTOPPED(status)) {
        printf(" no stop: %s\n", status_text(status));
        close(written[0]);
        continue;
      }
      request(hows[after].number, pid, 0, 0);
      status = wait_for(pid);
      printf(" %s", status_text(status));
      if (WIFSTOPPED(status)) {
        regs_t regs = get_regs(pid);
        if ((WSTOPSIG(status) & 0x7f) == SIGTRAP && NUMBER(regs) == SYS_write && before == 1 && after < 3) printf(", result %ld", result_of(&regs));
      }
      if (WIFSTOPPED(status)) end(pid);
      char byte;
      printf(", %s\n", read(written[0], &byte, 1) == 1 ? "executed" : "not executed");
      close(written[0]);
      fflush(stdout);
    }
  }
  return 0;
}
