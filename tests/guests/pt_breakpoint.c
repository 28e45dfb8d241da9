// Software breakpoints: PTRACE_PEEKTEXT and PTRACE_POKETEXT in code that is not writable; stepping over them.
#include "tracing.h"

__attribute__((noinline)) static int function(int n) { asm volatile("" : "+r"(n)); return n * 3 + 1; }
extern char target[];
__attribute__((noinline)) static void passes(void) { asm volatile(".globl target\ntarget: nop\nnop"); }

static int work(void) {
  for (int i = 0; i < 5; ++i) passes();
  return function(4);
}

int main(void) {
  const pid_t pid = tracee(work);
  const unsigned long at = (unsigned long)target;
  errno = 0;
  const long original = ptrace(PTRACE_PEEKTEXT, pid, at, 0);
  printf("peek: %d, as in our own memory %d\n", errno, memcmp(&original, target, sizeof original) == 0);
  long patched = original;
#if defined(__x86_64__)
  memcpy(&patched, "\xcc", 1);
#else
  memcpy(&patched, "\x7f\xe0\x00\x08", 4);  // trap
#endif
  TRY(ptrace(PTRACE_POKETEXT, pid, at, patched));
  printf("ours is as it was: %d\n", memcmp(&original, target, sizeof original) == 0);
  for (int hit = 0;; ++hit) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s after %d hits\n", status_text(status), hit);
      break;
    }
    regs_t regs = get_regs(pid);
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    printf("%s at the breakpoint + %ld\n", status_text(status), (long)(PC(regs) - at) - kPastBreakpoint);
    PC(regs) = at;
    set_regs(pid, &regs);
    ptrace(PTRACE_POKETEXT, pid, at, original);
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    show_wait("step", pid);
    printf("moved %d\n", PC(*(regs_t[]){get_regs(pid)}) != at);
    if (hit < 2) ptrace(PTRACE_POKETEXT, pid, at, patched);
  }

  // What cannot be read or written.
  const pid_t other = tracee(work);
  errno = 0;
  TRY(ptrace(PTRACE_PEEKDATA, other, 8, 0));
  TRY(ptrace(PTRACE_POKEDATA, other, 8, 1));
  TRY(ptrace(PTRACE_PEEKDATA, other, -8l, 0));
  static long words[2] = {0x1122334455667788, 0x99aabbccddeeff00};
  errno = 0;
  const long word = ptrace(PTRACE_PEEKDATA, other, (char*)words + 3, 0);
  printf("unaligned: %d %d\n", errno, memcmp(&word, (char*)words + 3, sizeof word) == 0);
  end(other);
  return 0;
}
