// The other arguments of perf_event_open: pid, cpu, group_fd and flags.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static struct perf_event_attr attr;
static void tell(const char* what, int pid, int cpu, int group, unsigned long flags) {
  tell_open(what, open_as(&attr, pid, cpu, group, flags));
}
static void tell_closes(const char* what, unsigned long flags) {
  const long fd = open_as(&attr, 0, -1, -1, flags);
  printf("%s: %s, closes on exec %d, read and write %d\n", what, outcome(fd), fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) == O_RDWR);
  close((int)fd);
}

int main(void) {
  attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  tell("ourselves", 0, -1, -1, 0);
  tell("ourselves by id", getpid(), -1, -1, 0);
  tell("no task of that id", 0x3ffffff, -1, -1, 0);
  tell("task -2", -2, -1, -1, 0);
  tell("neither task nor cpu", -1, -1, -1, 0);
  tell("ourselves on a cpu", 0, 0, -1, 0);
  tell("no such cpu", 0, 1 << 20, -1, 0);
  tell("every task on no such cpu", -1, 1 << 20, -1, 0);
  tell("cpu -2", 0, -2, -1, 0);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  tell("a zombie", child, -1, -1, 0);
  waitpid(child, NULL, 0);
  tell("it is gone", child, -1, -1, 0);

  tell("group of a closed descriptor", 0, -1, 77, 0);
  tell("group of descriptor -2", 0, -1, -2, 0);
  tell("group of standard output", 0, -1, 1, 0);
  tell("output to standard output", 0, -1, 1, PERF_FLAG_FD_OUTPUT);
  tell("no group of standard output", 0, -1, 1, PERF_FLAG_FD_NO_GROUP);
  tell("no group of none", 0, -1, -1, PERF_FLAG_FD_NO_GROUP | PERF_FLAG_FD_OUTPUT);
  int ends[2];
  pipe(ends);
  tell("group of a pipe", 0, -1, ends[0], 0);
  close(ends[0]);

  tell_closes("no flags", 0);
  tell_closes("PERF_FLAG_FD_CLOEXEC", PERF_FLAG_FD_CLOEXEC);
  tell("a cgroup without cpu", 0, -1, -1, PERF_FLAG_PID_CGROUP);
  tell("a cgroup -1", -1, 0, -1, PERF_FLAG_PID_CGROUP);
  tell("flag 16", 0, -1, -1, 16);
  tell("flag 2^20", 0, -1, -1, 1ul << 20);
  tell("flag 2^63", 0, -1, -1, 1ul << 63);
  attr.sigtrap = attr.remove_on_exec = 1;
  tell("signal to every task of a cpu", -1, 0, -1, 0);
  attr.sigtrap = attr.remove_on_exec = 0;

  // What is refused first: flags, then the attr, then the group, then the task, then the breakpoint.
  attr.bp_type = 0;
  attr.sample_period = 1ull << 63;
  tell("all wrong", 0x3ffffff, -1, 77, 16);
  tell("all but the flags", 0x3ffffff, -1, 77, 0);
  attr.sample_period = 0;
  tell("group, task, breakpoint", 0x3ffffff, -1, 77, 0);
  tell("task, breakpoint", 0x3ffffff, -1, -1, 0);
  return 0;
}
