// What records of switches say of why the task left its CPU: one that could have gone on was preempted, one that waits was
// not. Two processes on one CPU.
#include "perf_b.h"

int main(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_DUMMY);
  attr.context_switch = 1;
  attr.sample_id_all = 1;
  attr.sample_type = PERF_SAMPLE_TID;
  const int fd = must_open(&attr, 0, -1, -1);
  struct ring ring = map_ring(fd, 16);
  int ready[2];
  if (pipe(ready) != 0) return 1;
  const int child = fork();
  if (child == 0) {
    const int parent = getppid();
    if (write(ready[1], "", 1) != 1) _exit(1);
    while (getppid() == parent) sched_yield();
    _exit(0);
  }
  // The child never waits, so it is there whenever this one makes way.
  char byte;
  if (read(ready[0], &byte, 1) != 1) return 1;
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  long yields = 0;
  for (; yields < 5; ++yields) sched_yield();
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  long outs = 0, preempted = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    if ((record->misc & PERF_RECORD_MISC_SWITCH_OUT) == 0) continue;
    ++outs;
    preempted += (record->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) != 0;
  }
  printf("made way %d, always preempted %d\n", outs >= 1, outs == preempted);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  for (int i = 0; i < 5; ++i) usleep(300);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  long waits = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    waits += (record->misc & PERF_RECORD_MISC_SWITCH_OUT) != 0 && (record->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) == 0;
  }
  printf("waited %ld\n", waits);
  kill(child, SIGKILL);
  wait_for(child);
  return 0;
}
