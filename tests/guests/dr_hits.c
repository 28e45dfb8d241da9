// Watchpoints that hit: DR6 as the tracer reads it, si_code, lengths, reads and writes, several at once; a single step that hits.
//: isa x86-64
//: breakpoints
//: cpus 4
#include "dr.h"

static volatile union { uint8_t b[16]; uint16_t h[8]; uint32_t w[4]; uint64_t d[2]; } area __attribute__((aligned(16)));
static void pause_(void) { raise(SIGUSR1); }
static int work(void) {
  pause_();
  area.b[0] = 1;
  area.b[3] = 2;
  area.b[4] = 3;
  area.d[0] = 4;
  (void)area.w[0];
  area.w[1] = 5;
  pause_();
  area.d[0] = 6;   // two of them
  (void)area.d[0];
  pause_();
  return 0;
}

static void run(pid_t pid) {
  for (;;) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    const int status = wait_for(pid);
    printf("  %s", status_text(status));
    if (!WIFSTOPPED(status)) {
      printf("\n");
      return;
    }
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    printf(" code %d DR6 %#lx\n", info.si_code, dr_read(pid, 6));
    if (WSTOPSIG(status) == SIGUSR1) return;
  }
}

int main(void) {
  const pid_t pid = tracee(work);
  run(pid);
  dr_write(pid, 0, (unsigned long)&area.w[0]);
  printf("write, 4: %s\n", errno_text(dr_write(pid, 7, DR7(0, kWrite, 4))));
  run(pid);
  dr_write(pid, 1, (unsigned long)&area.b[2]);
  dr_write(pid, 2, (unsigned long)&area.b[6]);
  printf("DR6 written: %s\n", errno_text(dr_write(pid, 6, 0)));
  printf("two more: %s\n", errno_text(dr_write(pid, 7, DR7(0, kWrite, 4) | DR7(1, kReadWrite, 1) | DR7(2, kReadWrite, 2))));
  run(pid);
  // What was hit stays in DR6 until the next debug exception.
  printf("DR6 %#lx, DR7 %#lx\n", dr_read(pid, 6), dr_read(pid, 7));
  run(pid);

  // A step over a store that is watched.
  const pid_t other = tracee(work);
  run(other);
  dr_write(other, 0, (unsigned long)&area);
  dr_write(other, 7, DR7(0, kWrite, 1));
  for (int steps = 0; steps < 5000; ++steps) {
    ptrace(PTRACE_SINGLESTEP, other, 0, 0);
    wait_for(other);
    const unsigned long dr6 = dr_read(other, 6);
    if ((dr6 & 15) == 0) continue;
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, other, 0, &info);
    printf("stepped into a hit: DR6 %#lx code %d\n", dr6, info.si_code);
    break;
  }
  end(other);
  return 0;
}
