// A sibling that is refused never joined its group: what a child inherited of the group is still like it, and it can be read. One
// that joined and left is another matter: what the child has of it is not in the group any more, which read(2) tells by ECHILD.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static int leader, slots[8];

static void read_group(const char* when) {
  uint64_t values[16];
  errno = 0;
  const long bytes = read(leader, values, sizeof values);
  printf("%s: %ld bytes, %s\n", when, bytes, outcome_of(bytes));
}
static void refused(const char* why, struct perf_event_attr attr) {
  attr.inherit = 1;
  const int fd = open_on(&attr, 0, -1, leader);
  printf("%s: %s\n", why, outcome_of(fd));
  if (fd >= 0) close(fd);
  read_group("  the group then");
}

int main(void) {
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_DUMMY);
  attr.inherit = 1;
  attr.read_format = PERF_FORMAT_GROUP;
  leader = must_open(&attr, 0, -1, -1);
  // An event that a child does not inherit: a switch between two tasks that have all events alike exchanges their contexts
  // (kernel/events/core.c, context_equiv()), and the leader would be found in the child's, natively, now and then: EINVAL.
  struct perf_event_attr own = software_attr(PERF_COUNT_SW_DUMMY);
  must_open(&own, 0, -1, -1);
  int to_child[2], to_us[2];
  pipe(to_child), pipe(to_us);
  const int child = fork();
  char byte = 0;
  if (child == 0) {
    write(to_us[1], &byte, 1), read(to_child[0], &byte, 1);
    _exit(0);
  }
  read(to_us[0], &byte, 1);
  read_group("inherited");
  refused("no such software event", software_attr(12345));
  struct perf_event_attr other = software_attr(PERF_COUNT_SW_DUMMY);
  other.pinned = 1;
  refused("pinned", other);
  other = software_attr(PERF_COUNT_SW_DUMMY);
  other.use_clockid = 1;
  other.clockid = CLOCK_MONOTONIC;
  refused("by another clock", other);
  other = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  other.bp_type = HW_BREAKPOINT_RW | HW_BREAKPOINT_X;  // HW_BREAKPOINT_INVALID
  refused("a breakpoint of every type", other);
  // One more breakpoint than there are registers.
  other = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  int taken = 0;
  while ((slots[taken] = open_on(&other, 0, -1, -1)) >= 0) ++taken;
  refused("no register left", other);
  while (taken > 0) close(slots[--taken]);
  attr = software_attr(PERF_COUNT_SW_DUMMY);
  refused("one that joins, and is closed", attr);
  write(to_child[1], &byte, 1);
  printf("child %d\n", wait_for(child));
  return 0;
}
