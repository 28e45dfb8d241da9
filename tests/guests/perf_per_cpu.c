// An event of a CPU, of no task: it counts the stores that any process or thread does on that CPU at that address, and none of
// those on others. A task's event bound to a CPU counts while the task is there.
//: expected
//: cpus 4
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static int run_on(int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  return sched_setaffinity(0, sizeof cpus, &cpus);
}
static void* in_thread(void* unused) { return store(100), NULL; }
static int last_cpu(void) {  // of those this process may run on
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  int last = 0;
  for (int i = 0; i < CPU_SETSIZE; ++i) if (CPU_ISSET(i, &cpus)) last = i;
  return last;
}

int main(void) {
  const int last = last_cpu();
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  if (run_on(0) != 0) return 1;
  int fd = must_open(&attr, -1, 0, -1);
  int fds[kSlots];
  for (int i = 1; i < kSlots; ++i) fds[i] = must_open(&attr, -1, 0, -1);
  printf("%s", outcome_of(open_on(&attr, -1, 0, -1)));
  printf(" %s\n", outcome_of(open_on(&attr, 0, 0, -1)));
  for (int i = 1; i < kSlots; ++i) close(fds[i]);
  store(3), printf("own %ld", count(fd)), fflush(stdout);
  for (int i = 0; i < 3; ++i) {
    const int child = fork();
    if (child == 0) store(10), _exit(0);
    wait_for(child);
  }
  printf(", processes %ld", count(fd));
  pthread_t thread;
  pthread_create(&thread, NULL, in_thread, NULL), pthread_join(thread, NULL);
  printf(", thread %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  for (int round = 0; round < 10; ++round) {
    run_on(0), store(7);
    if (last != 0) run_on(last), store(1000);
  }
  printf("moving %ld", count(fd));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), run_on(0), store(5), printf(", disabled %ld\n", count(fd));
  close(fd);
  // The task's own event on CPU 0, and on the last CPU.
  fd = must_open(&attr, 0, 0, -1);
  for (int round = 0; round < 10; ++round) {
    run_on(0), store(7);
    if (last != 0) run_on(last), store(1000);
  }
  printf("task's on CPU 0: %ld\n", count(fd)), close(fd);
  fd = must_open(&attr, 0, last, -1);
  for (int round = 0; round < 10; ++round) {
    if (last != 0) run_on(0), store(1000);
    run_on(last), store(3);
  }
  printf("task's on the last CPU: %ld\n", count(fd)), close(fd);
  fd = must_open(&attr, 0, -1, -1);
  for (int round = 0; round < 10; ++round) run_on(0), store(1), run_on(last), store(2);
  printf("task's on any CPU: %ld\n", count(fd));
  return 0;
}
