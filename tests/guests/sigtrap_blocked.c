// SIGTRAP of an event while it is blocked: one is pending, with the first hit's data and the flag TRAP_PERF_FLAG_ASYNC, and comes
// when it is unblocked; ignored it is nothing; by default it ends the process; events of two kinds of data.
//: breakpoints
#include "perf_b.h"
#include <sys/resource.h>

static volatile int watched[4], signals;
static siginfo_t info;
static void trapped(int signal, siginfo_t* given, void* context) { ++signals, info = *given; }
static void show(const char* what) {
  printf("%s: %d signals", what, signals);
  if (signals > 0) {
    printf(", code %d data %d flags %u address %d", info.si_code, (int)perf_data(&info), perf_flags(&info),
           (int)((int*)info.si_addr - (int*)watched));
  }
  printf("\n"), fflush(stdout);
  signals = 0;
}
static int pending(void) {
  sigset_t set;
  sigpending(&set);
  return sigismember(&set, SIGTRAP);
}

int main(void) {
  sigset_t trap, old;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched[0], 4, HW_BREAKPOINT_W);
  attr.sig_data = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  watched[0] = 1, show("not blocked");
  sigprocmask(SIG_BLOCK, &trap, &old);
  printf("pending %d", pending());
  watched[0] = 2, printf(" %d", pending());
  for (int i = 0; i < 5; ++i) watched[0] = i;
  printf(" %d, count %ld\n", pending(), count(fd));
  show("blocked");
  sigprocmask(SIG_SETMASK, &old, NULL), show("unblocked");
  watched[0] = 3, show("again");
  sigprocmask(SIG_BLOCK, &trap, NULL), watched[0] = 2;
  siginfo_t waited;
  const int by_wait = sigwaitinfo(&trap, &waited);
  printf("sigwaitinfo: %d code %d data %d flags %u, pending %d\n", by_wait, waited.si_code, (int)perf_data(&waited),
         perf_flags(&waited), pending());
  watched[0] = 4, close(fd), printf("closed, pending %d\n", pending());
  sigprocmask(SIG_SETMASK, &old, NULL), show("unblocked after the close");
  int handled = must_open(&attr, 0, -1, -1);
  sigprocmask(SIG_BLOCK, &trap, NULL), watched[0] = 2, signal(SIGTRAP, SIG_IGN);
  printf("ignored when pending: %d", pending()), watched[0] = 3, printf(" %d", pending());
  sigprocmask(SIG_SETMASK, &old, NULL), watched[0] = 4, printf(", count %ld\n", count(handled));
  handle(SIGTRAP, trapped, 0), show("handled again"), watched[0] = 5, show("a hit"), close(handled);
  for (int blocked = 0; blocked < 2; ++blocked) {
    const int child = fork();
    if (child == 0) {
      struct rlimit none = {0, 0};
      setrlimit(RLIMIT_CORE, &none);
      signal(SIGTRAP, SIG_DFL);
      const int own = must_open(&attr, 0, -1, -1);
      if (blocked) sigprocmask(SIG_BLOCK, &trap, NULL);
      watched[0] = 1;
      if (blocked) printf("default, blocked: count %ld\n", count(own)), fflush(stdout), sigprocmask(SIG_UNBLOCK, &trap, NULL);
      _exit(7);
    }
    printf("default: status %d\n", wait_for(child)), fflush(stdout);
  }
  return 0;
}
