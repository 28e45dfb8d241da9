// Requirement 5 of the request of 2010: the handler does some work, and changes the PC, so that the thread does not return to the
// instruction that triggered the breakpoint but to the one after it: of an execution (x86) the instruction is then not executed;
// a store has been done, and the handler skips what follows it, or does the store again with another value.
//: breakpoints
#include "perf_b.h"

static volatile int watched, counter, undo, signals;
static char work[256];
LABELS(changed);
static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  snprintf(work, sizeof work, "signal %d of %d", signal, signals);  // some work
  if (perf_data(info) == 2) {
    PC_OF(context) = (uintptr_t)changed_end;  // past the addition
  } else if (undo) {
    sigset_t trap;
    sigemptyset(&trap);
    sigaddset(&trap, SIGTRAP);
    watched = -1;  // a further hit, whose signal is taken here
    siginfo_t taken;
    undo += sigwaitinfo(&trap, &taken) == SIGTRAP && perf_flags(&taken) == 1;
  } else {
    PC_OF(context) = (uintptr_t)changed_end;
  }
}
__attribute__((noipa)) static void access_it(void) { STORE_AND_ADD(changed, &watched, &counter); }

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.pinned = 1;
  attr.sig_data = 1;
  const int data = must_open(&attr, 0, -1, -1);
  for (int i = 0; i < 20; ++i) access_it();
  printf("past the next: %d signals, counter %d, watched %d; %s\n", signals, counter, watched, work);
  undo = 1, signals = 0;
  for (int i = 0; i < 20; ++i) access_it();
  printf("undone: %d signals, %d taken, counter %d, watched %d\n", signals, undo - 1, counter, watched);
  close(data);
  counter = signals = 0;
  int expected = 20;
#if defined(__x86_64__)
  attr = sigtrap_attr(changed_add, sizeof(long), HW_BREAKPOINT_X);
  attr.pinned = 1;
  attr.sig_data = 2;
  must_open(&attr, 0, -1, -1);
  expected = 0;
#endif
  for (int i = 0; i < 20; ++i) access_it();
  printf("execution skipped %d\n", counter == expected && signals == 20 - expected);
  return 0;
}
