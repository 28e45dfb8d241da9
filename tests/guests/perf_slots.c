// As many breakpoints of a task as there are slots: one more is ENOSPC, closing one frees its slot.
//: breakpoints
#include "perf.h"

static volatile long long watched[kSlots + 1];

static int open_at(int i, int pid) {
  struct perf_event_attr attr = breakpoint_attr(&watched[i], 8, HW_BREAKPOINT_W);
  return (int)open_as(&attr, pid, -1, -1, 0);
}

int main(void) {
  int fds[kSlots];
  for (int i = 0; i < kSlots; ++i) fds[i] = open_at(i, 0);
  int good = 1;
  for (int i = 0; i < kSlots; ++i) good &= fds[i] >= 0;
  printf("all slots %d, one more %s", good, outcome(open_at(kSlots, 0)));
  for (int i = 0; i <= kSlots; ++i) watched[i] = 1, watched[i] = 2;
  for (int i = 0; i < kSlots; ++i) good &= count(fds[i]) == 2;
  printf(", each counted 2: %d\n", good);

  ioctl(fds[0], PERF_EVENT_IOC_DISABLE, 0);
  printf("one disabled: %s\n", outcome(open_at(kSlots, 0)));
  struct perf_event_attr attr = breakpoint_attr(&watched[kSlots], 8, HW_BREAKPOINT_W);
  attr.disabled = 1;
  tell_attr("a disabled one", attr);
  attr.bp_len = 0;
  tell_attr("an impossible one", attr);
  tell_open("for every task of a cpu", open_as(&attr, -1, 0, -1, 0));

  // Another task has its own.
  const pid_t child = fork();
  if (child == 0) pause();
  const int others = open_at(kSlots, child);
  printf("another task's: %s\n", outcome(others));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  close(others);

  const int copy = dup(fds[0]);
  close(fds[0]);
  printf("one closed, a copy open: %s", outcome(open_at(kSlots, 0)));
  close(copy);
  const int fd = open_at(kSlots, 0);
  printf(", the copy closed: %s", outcome(fd));
  watched[kSlots] = 3;
  printf(", counted %ld\n", count(fd));
  close(fd);
  for (int i = 1; i < kSlots; ++i) close(fds[i]);

  // Many times, so that nothing is lost.
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < kSlots; ++i) good &= (fds[i] = open_at(i, 0)) >= 0;
    good &= open_at(kSlots, 0) < 0;
    for (int i = 0; i < kSlots; ++i) close(fds[i]);
  }
  printf("over and over %d\n", good);
  return 0;
}
