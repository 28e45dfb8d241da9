// A task's event bound to a processor counts there only (see perf_cpu_wide for the events of all tasks).
//: breakpoints
#include "perf.h"

static volatile long long watched __attribute__((aligned(8)));
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void* other_thread(void* unused) { return store(5), unused; }

int main(void) {
  cpu_set_t allowed, one;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &allowed)) ++cpu;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  printf("bound %d\n", sched_setaffinity(0, sizeof one, &one));

  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  uint64_t values[3];
  int fd = (int)open_as(&attr, 0, cpu, -1, 0);
  store(10);
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL), pthread_join(thread, NULL);
  printf("our thread on this processor: read %zd", read(fd, values, sizeof values));
  printf(" counted %ld, ran %d\n", (long)values[0], values[2] > 0 && values[2] <= values[1]);
  close(fd);

  // Where the task doesn't run, nothing is counted; with one processor there is none such.
  cpu_set_t rest = allowed;
  CPU_CLR(cpu, &rest);
  fd = (int)open_as(&attr, 0, cpu, -1, 0);
  if (CPU_COUNT(&rest) > 0) sched_setaffinity(0, sizeof rest, &rest);
  else ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  read(fd, values, sizeof values);
  const uint64_t ran = values[2];
  for (volatile int i = 0; i < 100000; ++i) {}
  store(10);
  read(fd, values, sizeof values);
  printf("on another: counted %ld, ran no longer %d\n", (long)values[0], values[2] == ran);
  sched_setaffinity(0, sizeof one, &one);
  if (CPU_COUNT(&rest) == 0) ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  store(10);
  read(fd, values, sizeof values);
  printf("back again: counted %ld, ran longer %d\n", (long)values[0], values[2] > ran);
  close(fd);

  // Output of a task's event on one processor goes to another such one only.
  const int a = (int)open_as(&attr, 0, cpu, -1, 0);
  struct ring ring = map_ring(a, 1);
  attr.type = PERF_TYPE_SOFTWARE, attr.config = PERF_COUNT_SW_DUMMY, attr.bp_addr = attr.bp_len = 0;
  const int same = (int)open_as(&attr, 0, cpu, -1, 0), any = (int)open_as(&attr, 0, -1, -1, 0);
  printf("output of the same processor's: %s", outcome(ioctl(same, PERF_EVENT_IOC_SET_OUTPUT, a)));
  printf(", of any processor's: %s\n", outcome(ioctl(any, PERF_EVENT_IOC_SET_OUTPUT, a)));
  return 0;
}
