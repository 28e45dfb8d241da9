// x86: several events with sigtrap hit by one instruction: each counts, but one signal is sent, with the data of the last of
// them; an execute breakpoint at the instruction sends its own before. When it is blocked, the signal has the first hit's data.
//: breakpoints
//: isa x86-64
#include "perf_b.h"

static volatile int watched, counter, signals, data[8];
static volatile unsigned long pcs[8];
LABELS(several);
static void trapped(int signal, siginfo_t* info, void* context) {
  if (signals < 8) data[signals] = (int)perf_data(info), pcs[signals] = PC_OF(context);
  ++signals;
}
__attribute__((noipa)) static void access_it(void) { STORE_AND_ADD(several, &watched, &counter); }
static void show(const char* what, const int* fds) {
  printf("%s: signals", what);
  for (int i = 0; i < signals; ++i) {
    const int store = pcs[i] == (uintptr_t)several_store, add = pcs[i] == (uintptr_t)several_add;
    printf(" %d at %s", data[i], store ? "store" : add ? "add" : "other");
  }
  printf(", counts");
  for (int i = 0; i < 4; ++i) printf(" %ld", count(fds[i]));
  printf("\n");
  signals = 0;
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  int fds[4];
  for (int i = 0; i < 4; ++i) {
    struct perf_event_attr attr = sigtrap_attr(&watched, 4, i & 1 ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W);
    if (i == 3) attr = sigtrap_attr(several_store, sizeof(long), HW_BREAKPOINT_X);
    attr.sig_data = i + 1;
    fds[i] = must_open(&attr, 0, -1, -1);
  }
  access_it(), show("all", fds);
  const int read = watched;
  show("read", fds);
  ioctl(fds[2], PERF_EVENT_IOC_DISABLE, 0);
  access_it(), show("the third disabled", fds);
  ioctl(fds[2], PERF_EVENT_IOC_ENABLE, 0);
  ioctl(fds[0], PERF_EVENT_IOC_DISABLE, 0);
  ioctl(fds[0], PERF_EVENT_IOC_ENABLE, 0);
  access_it(), show("the first enabled anew", fds);
  sigset_t trap;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  sigprocmask(SIG_BLOCK, &trap, NULL);
  access_it(), show("blocked", fds);
  sigprocmask(SIG_UNBLOCK, &trap, NULL), show("unblocked", fds);
  ioctl(fds[3], PERF_EVENT_IOC_DISABLE, 0);
  sigprocmask(SIG_BLOCK, &trap, NULL);
  const int again = watched;
  access_it(), show("blocked, without the fourth", fds);
  sigprocmask(SIG_UNBLOCK, &trap, NULL), show("unblocked", fds);
  return 0;
}
