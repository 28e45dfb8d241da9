// PERF_EVENT_IOC_REFRESH from the handler of the signal that says that the limit was reached: the event goes on, and tells again.
// Linux 6.1 by its source; since 6.17, where reaching the limit also stops the PMU (event->pmu->stop()), a breakpoint that is enabled
// again counts nothing, because hw_breakpoint_add() does not take the stop back.
//: expected
#include "perf.h"

static volatile int watched;
static volatile sig_atomic_t in, hup, others, again;
static int fd;

static void handler(int signal, siginfo_t* info, void* context) {
  (void)signal, (void)context;
  if (info->si_code == POLL_IN) ++in;
  else if (info->si_code == POLL_HUP) ++hup;
  else ++others;
  if (again) ioctl(fd, PERF_EVENT_IOC_REFRESH, 1L);
}
static HITS void store(int times) {
  for (int i = 0; i < times; ++i) watched = i;
}
static void hits(const char* what, long limit, int more, int pages) {
  struct perf_event_attr attr = sampling(&watched, 4, 400, PERF_SAMPLE_IP);
  attr.disabled = 1;
  attr.wakeup_events = 1;
  fd = must_open(attr);
  struct ring ring;
  if (pages != 0) ring = map_ring(fd, (unsigned)pages);
  fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK), fcntl(fd, F_SETSIG, SIGUSR1), fcntl(fd, F_SETOWN, getpid());
  in = hup = others = 0, again = more;
  if (limit != 0) ioctl(fd, PERF_EVENT_IOC_REFRESH, limit);
  else ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  store(4000);
  again = 0;
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  printf("%s: counted %ld, POLL_IN %d, POLL_HUP %d, others %d\n", what, (long)count(fd), in, hup, others);
  if (pages != 0) unmap_ring(&ring);
  close(fd);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  hits("no limit, a buffer", 0, 0, 8);
  hits("one, a buffer", 1, 0, 8);
  hits("one and one again, a buffer", 1, 1, 8);
  hits("three, a buffer", 3, 0, 8);
  hits("no limit, no buffer", 0, 0, 0);
  hits("one and one again, no buffer", 1, 1, 0);
  return 0;
}
