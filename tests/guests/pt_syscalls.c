// System call stops: numbers, arguments and results at entry and exit, with and without PTRACE_O_TRACESYSGOOD.
#include "tracing.h"
#include <fcntl.h>

static const struct { long number; const char* name; int arguments; } kCalls[] = {
    {SYS_getppid, "getppid", 0}, {SYS_close, "close", 1}, {SYS_dup, "dup", 1}, {SYS_lseek, "lseek", 3}, {SYS_kill, "kill", 0},
    {SYS_write, "write", 1}, {SYS_exit_group, "exit_group", 1}, {SYS_umask, "umask", 1}, {SYS_personality, "personality", 1},
};
static int index_of(long number) {
  for (unsigned i = 0; i < sizeof kCalls / sizeof *kCalls; ++i) {
    if (kCalls[i].number == number) return (int)i;
  }
  return -1;
}

static int work(void) {
  syscall(SYS_close, 77);
  syscall(SYS_lseek, 78, -9L, SEEK_END);
  syscall(SYS_dup, -1);
  syscall(SYS_umask, 022);
  syscall(SYS_write, 1, "visible\n", 8);
  syscall(SYS_close, 79);
  syscall(SYS_umask, 027);
  syscall(9999);
  return 5;
}

int main(void) {
  for (int good = 0; good < 2; ++good) {
    const pid_t pid = tracee(work);
    if (good) ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
    for (int entry = 1;; entry = !entry) {
      ptrace(PTRACE_SYSCALL, pid, 0, 0);
      const int status = wait_for(pid);
      if (!WIFSTOPPED(status)) {
        printf("%s\n", status_text(status));
        break;
      }
      const regs_t regs = get_regs(pid);
      const int call = index_of((long)NUMBER(regs));
      printf("%s: %s %s", status_text(status), entry ? "enters" : "leaves",
             call >= 0 ? kCalls[call].name : (long)NUMBER(regs) == 9999 ? "9999" : "another");
      if (entry && call >= 0) {
        for (int n = 0; n < kCalls[call].arguments; ++n) {
          regs_t copy = regs;
          printf(" %ld", (long)(int)ARG(copy, n));
        }
      }
      if (!entry && (call >= 0 || (long)NUMBER(regs) == 9999)) printf(" = %ld", result_of(&regs));
      siginfo_t info;
      memset(&info, 0, sizeof info);
      ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
      printf(" [%s %#x]\n", signal_name(info.si_signo), (unsigned)info.si_code);
    }
  }
  return 0;
}
