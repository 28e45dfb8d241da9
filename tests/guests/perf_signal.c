// fcntl(2) on an event: O_ASYNC, F_SETOWN and F_SETSIG make a signal of every wakeup, POLL_IN, and of a limit, POLL_HUP.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) {
  for (int i = 0; i < times; ++i) {
    watched = i;
    for (volatile int wait = 0; wait < 300; ++wait) {}
  }
}

static int fd;
static volatile int signals, ins, hups, others, in_store, last_band;
static void handler(int number, siginfo_t* info, void* context) {
  ++signals;
  if (number == SIGIO && info->si_code == SI_KERNEL) { ++others; return; }  // without F_SETSIG the signal tells nothing
  if (info->si_fd != fd) ++others;
  if (info->si_code == POLL_IN) ++ins, others += info->si_band != (POLLIN | POLLRDNORM);
  else if (info->si_code == POLL_HUP) ++hups, others += info->si_band != (POLLHUP | POLLERR);
  else ++others;
}
static void tell(const char* what, int times) {
  signals = ins = hups = others = 0;
  store(times);
  printf("%s: %d hits, %d signals: %d POLL_IN, %d POLL_HUP, %d others; counted %ld\n", what, times, signals, ins, hups, others,
         count(fd));
}

static void begin(uint64_t period, unsigned wakeup_events, int signal) {
  struct perf_event_attr attr = sampling(&watched, 8, period, PERF_SAMPLE_ADDR);
  attr.wakeup_events = wakeup_events;
  fd = must_open(attr);
  const int own = fcntl(fd, F_SETOWN, getpid()), set = fcntl(fd, F_SETSIG, signal);
  const int async = fcntl(fd, F_SETFL, O_ASYNC);
  if (own || set || async) printf("fcntl %s\n", strerrorname_np(errno));
}

int main(void) {
  const int numbers[] = {SIGIO, SIGUSR1, SIGRTMIN, SIGTRAP};
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  for (int i = 0; i < 4; ++i) sigaction(numbers[i], &action, NULL);

  begin(1, 1, SIGIO);
  printf("owner %d, signal %d, flags %d\n", fcntl(fd, F_GETOWN) == getpid(), fcntl(fd, F_GETSIG) == SIGIO,
         fcntl(fd, F_GETFL) == (O_RDWR | O_ASYNC));
  tell("SIGIO, no buffer", 5);
  struct ring ring = map_ring(fd, 1);
  tell("SIGIO, a buffer", 5);
  fcntl(fd, F_SETFL, 0), tell("not O_ASYNC", 5);
  fcntl(fd, F_SETFL, O_ASYNC), fcntl(fd, F_SETSIG, SIGRTMIN), tell("SIGRTMIN", 5);
  fcntl(fd, F_SETSIG, 0), tell("no signal set", 5);
  fcntl(fd, F_SETSIG, SIGUSR1), fcntl(fd, F_SETOWN, 0), tell("no owner", 5);
  fcntl(fd, F_SETOWN, -getpgrp()), setpgid(0, 0), fcntl(fd, F_SETOWN, -getpgrp()), tell("the group", 5);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), tell("disabled", 5);
  unmap_ring(&ring), close(fd);

  begin(4, 1, SIGRTMIN), tell("period 4", 20), close(fd);
  begin(1, 3, SIGRTMIN), tell("wakeup_events 3, no buffer", 20);
  ring = map_ring(fd, 1), tell("wakeup_events 3", 20), unmap_ring(&ring), close(fd);
  begin(1, 0, SIGRTMIN), ring = map_ring(fd, 1), tell("wakeup_events 0", 20), unmap_ring(&ring), close(fd);
  begin(0, 1, SIGRTMIN), tell("a counting event", 20), close(fd);
  begin(1, 1, SIGRTMIN), ioctl(fd, PERF_EVENT_IOC_REFRESH, 3), tell("a limit of 3", 10), close(fd);
  begin(1, 1, SIGRTMIN), ioctl(fd, PERF_EVENT_IOC_REFRESH, 1), tell("a limit of 1", 10), close(fd);
  begin(2, 1, SIGRTMIN), ring = map_ring(fd, 1), ioctl(fd, PERF_EVENT_IOC_REFRESH, 2), tell("a limit of 2, period 2", 10);
  unmap_ring(&ring), close(fd);

  // Blocked: a signal of a number pends once, but realtime ones each.
  for (int i = 1; i < 3; ++i) {
    sigset_t set;
    sigemptyset(&set), sigaddset(&set, numbers[i]);
    begin(1, 1, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL), tell(i == 1 ? "SIGUSR1 blocked" : "SIGRTMIN blocked", 6);
    signals = ins = 0;
    sigprocmask(SIG_UNBLOCK, &set, NULL), printf("unblocked: %d signals, %d POLL_IN\n", signals, ins);
    close(fd);
  }
  return 0;
}
