// Which error comes first where several things are wrong with a request.
//: breakpoints
#include "perf_b.h"

static const char* open_outcome(struct perf_event_attr* attr, int pid, int cpu, unsigned long flags) {
  const long fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, flags);
  const char* outcome = outcome_of(fd);
  if (fd >= 0) close((int)fd);
  return outcome;
}

static volatile long watched;

int main(void) {
  // A task that has ended, but was not waited for, and one that is gone.
  const int zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, zombie, &info, WEXITED | WNOWAIT);
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  printf("zombie: %s\n", open_outcome(&attr, zombie, -1, 0));
  attr.bp_len = 0;
  printf("zombie, wrong length: %s\n", open_outcome(&attr, zombie, -1, 0));
  attr.type = 77;
  printf("zombie, no such PMU: %s\n", open_outcome(&attr, zombie, -1, 0));
  wait_for(zombie);
  printf("gone: %s\n", open_outcome(&attr, zombie, -1, 0));

  attr = software_attr(PERF_COUNT_SW_DUMMY);
  attr.use_clockid = 1;
  attr.clockid = 3;
  printf("clock: %s\n", open_outcome(&attr, 0, -1, 0));
  attr.sample_type = PERF_SAMPLE_CALLCHAIN;
  attr.sample_max_stack = 200;
  printf("clock and stack: %s\n", open_outcome(&attr, 0, -1, 0));

  attr = software_attr(PERF_COUNT_SW_DUMMY);
  printf("cgroup: %s\n", open_outcome(&attr, 999, 0, PERF_FLAG_PID_CGROUP));
  printf("cgroup on all CPUs: %s\n", open_outcome(&attr, 999, -1, PERF_FLAG_PID_CGROUP));
  attr.type = 77;
  printf("cgroup, no such PMU: %s\n", open_outcome(&attr, 999, 0, PERF_FLAG_PID_CGROUP));

  attr = software_attr(0x20009);
  printf("no such software event: %s\n", open_outcome(&attr, 0, -1, 0));
  attr.sample_type = PERF_SAMPLE_BRANCH_STACK;
  attr.branch_sample_type = PERF_SAMPLE_BRANCH_ANY;
  printf("and branches: %s\n", open_outcome(&attr, 0, -1, 0));
  attr = software_attr(PERF_COUNT_SW_DUMMY);
  attr.sample_type = PERF_SAMPLE_AUX | PERF_SAMPLE_CGROUP;
  printf("samples of nothing: %s\n", open_outcome(&attr, 0, -1, 0));
  attr.aux_sample_size = 64;
  printf("of an auxiliary buffer: %s\n", open_outcome(&attr, 0, -1, 0));

  // Branches that nobody asked for are forgotten.
  attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.branch_sample_type = PERF_SAMPLE_BRANCH_ANY;
  const int fd = must_open(&attr, 0, -1, -1);
  printf("modified with branches: %s\n", outcome_of(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)));
  attr.branch_sample_type = 0;
  printf("and without: %s\n", outcome_of(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)));
  close(fd);

  // The period of an event whose task is gone stays as it was.
  const int child = fork();
  if (child == 0) pause(), _exit(0);
  attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.sample_period = 1;
  const int of_child = must_open(&attr, child, -1, -1);
  kill(child, SIGKILL), wait_for(child);
  uint64_t period = 5;
  printf("period: %s\n", outcome_of(ioctl(of_child, PERF_EVENT_IOC_PERIOD, &period)));
  printf("modified with the old one: %s\n", outcome_of(ioctl(of_child, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)));
  attr.sample_period = period;
  printf("and with the new one: %s\n", outcome_of(ioctl(of_child, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)));
  return 0;
}
