// SIGTRAP of an event on an alternate stack; hits within the handler, which nests with SA_NODEFER, and without it waits for the
// handler's end; SA_RESETHAND, SA_RESTART of a call that it interrupts by the kernel's store.
//: breakpoints
#include "perf_b.h"

static volatile int watched, signals, depth, deepest, on_stack, flags[8];
static _Alignas(16) char stack[65536];
static void trapped(int signal, siginfo_t* info, void* context) {
  const int which = signals++;
  if (which < 8) flags[which] = (int)perf_flags(info);
  if (++depth > deepest) deepest = depth;
  char local;
  on_stack += &local >= stack && &local < stack + sizeof stack;
  if (which < 3) watched = which;
  --depth;
}
static void show(const char* what) {
  printf("%s: %d signals, deepest %d, on the stack %d, flags", what, signals, deepest, on_stack);
  for (int i = 0; i < signals && i < 8; ++i) printf(" %d", flags[i]);
  printf("\n");
  signals = depth = deepest = on_stack = 0;
}

int main(void) {
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  const int fd = must_open(&attr, 0, -1, -1);
  handle(SIGTRAP, trapped, 0), watched = 9, show("deferred");
  handle(SIGTRAP, trapped, SA_NODEFER), watched = 9, show("nested");
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGTRAP, trapped, SA_ONSTACK), watched = 9, show("deferred, alternate stack");
  handle(SIGTRAP, trapped, SA_ONSTACK | SA_NODEFER), watched = 9, show("nested, alternate stack");
  signals = 3, handle(SIGTRAP, trapped, SA_RESETHAND), watched = 9;
  struct sigaction now;
  sigaction(SIGTRAP, NULL, &now);
  printf("reset: %d, default %d, count %ld\n", signals - 3, now.sa_handler == SIG_DFL, count(fd));
  return 0;
}
