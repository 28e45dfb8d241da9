// Requirement 6 of the request of 2010: the handler returns, and the thread returns to normal execution at the new PC: with its
// registers as they were, or as the handler changed them, and its signal mask; with the event still armed.
//: breakpoints
#include "perf_b.h"

static volatile long watched;
static volatile int signals;
#if defined(__x86_64__)
#define REGISTER(context, number) (((ucontext_t*)(context))->uc_mcontext.gregs[(number) == 14 ? REG_R14 : REG_R15])
#else
#define REGISTER(context, number) (((ucontext_t*)(context))->uc_mcontext.gp_regs[number])
#endif
static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  REGISTER(context, 15) += 1000;
}
// The sum of registers that hold values over a store, one of which the handler changes.
__attribute__((noipa)) static void run(long kept, long* left, long* right) {
#if defined(__x86_64__)
  asm volatile("movq %3, %%r14\n movq %3, %%r15\n cmpq %3, %3\n movq %3, (%2)\n jne 1f\n movq %%r14, %0\n movq %%r15, %1\n1:"
               : "=&r"(*left), "=&r"(*right) : "r"(&watched), "r"(kept) : "r14", "r15", "memory", "cc");
#else
  asm volatile("mr 14, %3\n mr 15, %3\n cmpd %3, %3\n std %3, 0(%2)\n bne 1f\n mr %0, 14\n mr %1, 15\n1:"
               : "=&r"(*left), "=&r"(*right) : "b"(&watched), "r"(kept) : "14", "15", "memory", "cr0");
#endif
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.pinned = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  int good = 1;
  double number = 1;
  for (long i = 1; i <= 200; ++i) {
    long left = 0, right = 0;
    run(i * 0x123456789, &left, &right);
    good &= left == i * 0x123456789 && right == left + 1000 && watched == left;
    number = number * 2 + (double)(i % 2);  // exact
    if (i % 40 == 0) number /= 1 << 30;
  }
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  printf("registers %d, signals %d, count %ld, blocked %d", good, signals, count(fd), sigismember(&now, SIGTRAP));
  printf(", number %.6f\n", number);
  return 0;
}
