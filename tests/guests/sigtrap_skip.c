// The handler of SIGTRAP changes the program counter of its context: the thread goes on there, past instructions that are never
// executed, or at the store once more.
//: breakpoints
#include "perf_b.h"

static volatile int watched, counter, signals, wrong, back;
static volatile unsigned long target;
LABELS(skipped);

static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  wrong += PC_OF(context) != (uintptr_t)skipped_add;
  if (back > 0) --back, PC_OF(context) = (uintptr_t)skipped_store; else PC_OF(context) = target;
}
__attribute__((noipa)) static void access_it(void) { STORE_AND_ADD(skipped, &watched, &counter); }
static void measure(const char* what, int fd, char* to) {
  target = (uintptr_t)to;
  counter = signals = 0;
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  for (int i = 0; i < 10; ++i) access_it();
  printf("%s: %d signals, count %ld, counter %d\n", what, signals, count(fd), counter);
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  const int fd = must_open(&attr, 0, -1, -1);
  measure("to the next instruction", fd, skipped_add);
  measure("past it", fd, skipped_end);
  back = 7;
  measure("seven times back to the store, then on", fd, skipped_add);
  back = 7;
  measure("seven times back to the store, then past", fd, skipped_end);
  printf("elsewhere %d, watched %d\n", wrong, watched);
  return 0;
}
