// What the handler of SIGTRAP does to its event: disables it, moves it by PERF_EVENT_IOC_MODIFY_ATTRIBUTES, resets, closes it,
// opens another; and siglongjmp(3) out of the handler.
//: breakpoints
#include "perf_b.h"
#include <setjmp.h>

static volatile long long watched[4];
static volatile int signals, result, action;
static volatile uint64_t last_data, last_address;
static int fd, other = -1;
static struct perf_event_attr attr;
static sigjmp_buf environment;
enum { kNothing, kDisable, kMove, kReset, kClose, kOpen, kJump };

static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  last_data = perf_data(info);
  last_address = ((uintptr_t)info->si_addr - (uintptr_t)watched) / 8;
  if (action == kDisable) result = ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  if (action == kReset) result = ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  if (action == kClose) result = close(fd);
  if (action == kMove) {
    attr.bp_addr = attr.bp_addr == (uintptr_t)watched ? (uintptr_t)&watched[1] : (uintptr_t)watched;
    result = ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
  }
  if (action == kOpen && other < 0) {
    close(fd);
    attr.bp_addr = (uintptr_t)&watched[2];
    attr.sig_data = 77;
    other = result = open_on(&attr, 0, -1, -1);
    result = result >= 0;
  }
  if (action == kJump) siglongjmp(environment, signals);
}
static void measure(const char* what, int to_do) {
  action = to_do, signals = 0, result = -9;
  for (int i = 0; i < 10; ++i) for (int j = 0; j < 4; ++j) watched[j] = i;
  printf("%s: %d signals, result %d, last data %d of variable %d\n", what, signals, result, (int)last_data, (int)last_address);
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  attr = sigtrap_attr(watched, 8, HW_BREAKPOINT_W);
  attr.sig_data = 11;
  fd = must_open(&attr, 0, -1, -1);
  measure("nothing", kNothing), printf("count %ld\n", count(fd));
  measure("reset", kReset), printf("count %ld\n", count(fd));
  measure("moved to and fro", kMove), printf("count %ld\n", count(fd));
  measure("disabled", kDisable), printf("count %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  action = kJump, signals = 0;
  volatile int rounds = 0;
  if (sigsetjmp(environment, 1) < 20) ++rounds, watched[0] = 5, ++rounds;
  printf("jumped out: %d signals, %d rounds", signals, rounds);
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  printf(", blocked %d, count %ld\n", sigismember(&now, SIGTRAP), count(fd));
  measure("another one", kOpen), printf("count %ld\n", count(other));
  fd = other;
  measure("closed", kClose);
  return 0;
}
