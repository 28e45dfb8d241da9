// A tracer changes a system call's number, arguments and result, and lets calls be skipped.
#include "tracing.h"
#include <sys/stat.h>

static int work(void) {
  const long masked = syscall(SYS_umask, 0111);       // becomes umask(0123)
  const long now = syscall(SYS_umask, 022);
  const long closed = syscall(SYS_close, 55);         // becomes umask(55)
  const long after = syscall(SYS_umask, 022);
  const long result = syscall(SYS_getppid);           // its result becomes 4321
  errno = 0;
  const long failed = syscall(SYS_umask, 0);          // becomes an error
  const int why = errno;
  errno = 0;
  const long skipped = syscall(SYS_umask, 07);        // skipped
  const int skipped_why = errno;
  const long untouched = syscall(SYS_umask, 022);
  const long given = syscall(SYS_umask, 077);         // skipped, and given a result
  char text[200];
  const int length = snprintf(text, sizeof text, "%lo %lo | %ld %lo | %ld | %ld %s | %ld %s %lo | %ld\n", masked, now, closed, after,
                              result, failed, strerrorname_np(why), skipped, strerrorname_np(skipped_why), untouched, given);
  write(1, text, (size_t)length);
  return 0;
}

int main(void) {
  umask(022);
  const pid_t pid = tracee(work);
  ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  int calls = 0;
  for (int entry = 1;; entry = !entry) {
    ptrace(PTRACE_SYSCALL, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      return 0;
    }
    regs_t regs = get_regs(pid);
    if (entry) ++calls;
    switch (calls) {
      case 1:
        if (entry) ARG(regs, 0) = 0123;
        break;
      case 3:
        if (entry) NUMBER(regs) = SYS_umask;
        break;
      case 5:
        if (!entry) set_result(&regs, 4321);
        break;
      case 6:
        if (!entry) set_result(&regs, -EXDEV);
        break;
      case 7:
        if (entry) NUMBER(regs) = (unsigned long)-1;
        break;
      case 9:
        if (entry) NUMBER(regs) = (unsigned long)-1;
        if (!entry) set_result(&regs, 99);
        break;
    }
    set_regs(pid, &regs);
  }
}
