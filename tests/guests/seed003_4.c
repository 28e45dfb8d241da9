// Requirement 4 of the request of 2010: the thread goes from the PC that triggered the breakpoint to the handler of SIGTRAP;
// its context has that PC: of the instruction after a store, of the instruction itself (x86) for an execution.
//: breakpoints
#include "perf_b.h"

static volatile int watched, counter, at_add, elsewhere, at_execution;
LABELS(traced);
static void trapped(int signal, siginfo_t* info, void* context) {
  const unsigned long pc = PC_OF(context);
  if (perf_data(info) == 2) at_execution += pc == (uintptr_t)traced_store;
  else at_add += pc == (uintptr_t)traced_add;
  elsewhere += pc != (uintptr_t)traced_store && pc != (uintptr_t)traced_add;
}
__attribute__((noipa)) static void access_it(void) { STORE_AND_ADD(traced, &watched, &counter); }

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.pinned = 1;
  attr.sig_data = 1;
  const int data = must_open(&attr, 0, -1, -1);
#if defined(__x86_64__)
  attr = sigtrap_attr(traced_store, sizeof(long), HW_BREAKPOINT_X);
  attr.pinned = 1;
  attr.sig_data = 2;
  const int code = must_open(&attr, 0, -1, -1);
#endif
  for (int i = 0; i < 100; ++i) access_it();
  printf("store: %d at the next instruction, count %ld; elsewhere %d, counter %d\n", at_add, count(data), elsewhere, counter);
#if defined(__x86_64__)
  const int good = at_execution == 100 && count(code) == 100;
#else
  const int good = 1;
#endif
  printf("execution %d\n", good);
  return 0;
}
