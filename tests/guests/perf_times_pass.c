// The times of events: of a task's they stand while it sleeps or the event is disabled, of a CPU's they go on; a reset leaves
// them; those of inherited events are the sums of all tasks'.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
struct reading { uint64_t value, enabled, running; };
static struct reading reading(int fd) {
  struct reading got = {0};
  if (read(fd, &got, sizeof got) != sizeof got) exit(4);
  return got;
}
static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
static void spin(uint64_t nanoseconds) { for (const uint64_t from = now(); now() - from < nanoseconds;) {} }

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W), dummy = software_attr(PERF_COUNT_SW_DUMMY);
  attr.read_format = dummy.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  const int task = must_open(&attr, 0, -1, -1), cpu = must_open(&dummy, -1, 0, -1);
  struct reading from = reading(task), to, cpu_from = reading(cpu), cpu_to;
  uint64_t start = now();
  usleep(30000);
  to = reading(task), cpu_to = reading(cpu);
  uint64_t passed = now() - start;
  printf("asleep: task's stands %d, CPU's goes on %d\n", to.enabled - from.enabled < passed / 2,
         cpu_to.enabled - cpu_from.enabled > passed / 2 && cpu_to.running - cpu_from.running > passed / 2);
  from = reading(task), start = now();
  spin(10000000);
  to = reading(task), passed = now() - start;
  printf("running: goes on %d, no faster than time %d, running is enabled %d\n", to.enabled > from.enabled,
         to.enabled - from.enabled <= passed * 11 / 10, to.enabled == to.running);
  ioctl(task, PERF_EVENT_IOC_DISABLE, 0);
  from = reading(task);
  spin(2000000);
  to = reading(task);
  printf("disabled: stands %d\n", from.enabled == to.enabled && from.running == to.running);
  watched = 1, ioctl(task, PERF_EVENT_IOC_ENABLE, 0), watched = 2;
  ioctl(task, PERF_EVENT_IOC_RESET, 0);
  to = reading(task);
  printf("reset: value %d, times remain %d\n", (int)to.value, to.enabled >= from.enabled && to.running >= from.running);
  close(task);
  dummy.inherit = 1;
  dummy.disabled = 1;
  const int sum = must_open(&dummy, 0, -1, -1);
  printf("disabled at first: %d %d\n", (int)reading(sum).enabled, (int)reading(sum).running);
  ioctl(sum, PERF_EVENT_IOC_ENABLE, 0);
  for (int i = 0; i < 3; ++i) {
    const int child = fork();
    if (child == 0) {
      struct timespec used;
      do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used); while (used.tv_nsec < 20000000);
      _exit(0);
    }
    from = reading(sum);
    if (wait_for(child) != 0) return 1;
    to = reading(sum);
    printf("child: its time is in the sum %d\n", to.enabled - from.enabled > 10000000 && to.running - from.running > 10000000);
  }
  return 0;
}
