// Which groups perf_event_open(2) refuses, and with which errno.
//: breakpoints
#include "perf_b.h"

static volatile long long watched[8];
static void outcome(const char* what, int fd) {
  printf("%s: %s\n", what, outcome_of(fd));
  if (fd >= 0) close(fd);
}

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(watched, 8, HW_BREAKPOINT_W), dummy = software_attr(PERF_COUNT_SW_DUMMY);
  const int leader = must_open(&attr, 0, -1, -1), sibling = must_open(&dummy, 0, -1, leader);
  outcome("sibling", open_on(&dummy, 0, -1, leader));
  outcome("sibling of a sibling", open_on(&dummy, 0, -1, sibling));
  struct perf_event_attr changed = dummy;
  changed.pinned = 1;
  outcome("pinned sibling", open_on(&changed, 0, -1, leader));
  changed = dummy, changed.exclusive = 1;
  outcome("exclusive sibling", open_on(&changed, 0, -1, leader));
  changed = dummy, changed.inherit = 1;
  outcome("inherited sibling of one that is not", open_on(&changed, 0, -1, leader));
  const int inherited = must_open(&changed, 0, -1, -1);
  outcome("sibling of one inherited", open_on(&dummy, 0, -1, inherited));
  outcome("inherited sibling of one inherited", open_on(&changed, 0, -1, inherited));
  changed.inherit_thread = 1;
  outcome("inherited by threads, of one inherited", open_on(&changed, 0, -1, inherited));
  outcome("sibling on a CPU", open_on(&dummy, 0, 0, leader));
  outcome("sibling of no task", open_on(&dummy, -1, 0, leader));
  const int child = fork();
  if (child == 0) pause();
  outcome("sibling of another task", open_on(&dummy, child, -1, leader));
  const int other = must_open(&dummy, child, -1, -1);
  outcome("own sibling of another task's", open_on(&dummy, 0, -1, other));
  outcome("that task's sibling", open_on(&dummy, child, -1, other));
  changed = dummy, changed.use_clockid = 1, changed.clockid = CLOCK_MONOTONIC;
  outcome("sibling by another clock", open_on(&changed, 0, -1, leader));
  const int clocked = must_open(&changed, 0, -1, -1);
  outcome("sibling by the same clock", open_on(&changed, 0, -1, clocked));
  changed.clockid = CLOCK_BOOTTIME;
  outcome("sibling by yet another clock", open_on(&changed, 0, -1, clocked));
  changed = dummy, changed.enable_on_exec = 1;
  outcome("sibling enabled on exec", open_on(&changed, 0, -1, leader));
  changed = dummy, changed.inherit = 1, changed.read_format = PERF_FORMAT_GROUP;
  outcome("inherited with PERF_FORMAT_GROUP", open_on(&changed, 0, -1, -1));
  changed.sample_type = PERF_SAMPLE_READ, changed.inherit = 0;
  outcome("PERF_SAMPLE_READ of a group", open_on(&changed, 0, -1, leader));
  // As many breakpoints as there are slots: one more is refused whether or not it is in a group.
  int fds[kSlots];
  for (int i = 1; i < kSlots; ++i) {
    attr.bp_addr = (uintptr_t)&watched[i];
    fds[i] = must_open(&attr, 0, -1, leader);
  }
  attr.bp_addr = (uintptr_t)&watched[7];
  outcome("one more than the slots, sibling", open_on(&attr, 0, -1, leader));
  outcome("one more than the slots, alone", open_on(&attr, 0, -1, -1));
  attr.disabled = 1;
  outcome("one more than the slots, disabled", open_on(&attr, 0, -1, -1));
  outcome("in another task", open_on(&attr, child, -1, other));
  close(leader);
  outcome("the leader closed here, but not in the child", open_on(&attr, 0, -1, -1));
  kill(child, SIGKILL);
  wait_for(child);
  outcome("nor there any more", open_on(&attr, 0, -1, -1));
  outcome("of a task that was reaped", open_on(&dummy, child, -1, -1));
  return 0;
}
