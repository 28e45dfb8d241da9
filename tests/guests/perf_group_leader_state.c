// A software leader with a breakpoint sibling: the sibling counts only while the leader is enabled as well as itself. Reads of
// either give the whole group; when the leader is closed, the sibling goes on alone, and a read gives just it.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static long group_value(int fd, unsigned which) {
  uint64_t got[8] = {0};
  const long size = (long)read(fd, got, sizeof got);
  return size > 0 && which < got[0] ? (long)got[1 + which] : -1;
}

int main(void) {
  struct perf_event_attr dummy = software_attr(PERF_COUNT_SW_DUMMY);
  dummy.disabled = 1;
  dummy.read_format = PERF_FORMAT_GROUP;
  const int leader = must_open(&dummy, 0, -1, -1);
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.read_format = PERF_FORMAT_GROUP;
  const int sibling = must_open(&attr, 0, -1, leader);
  store(3), printf("leader off, sibling on: %ld %ld\n", group_value(leader, 1), group_value(sibling, 1));
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  store(5), printf("both on: %ld %ld\n", group_value(leader, 1), group_value(sibling, 1));
  ioctl(sibling, PERF_EVENT_IOC_DISABLE, 0);
  store(7), printf("leader on, sibling off: %ld\n", group_value(leader, 1));
  ioctl(leader, PERF_EVENT_IOC_DISABLE, 0);
  ioctl(sibling, PERF_EVENT_IOC_ENABLE, 0);
  store(9), printf("sibling enabled under a leader off: %ld\n", group_value(leader, 1));
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  store(11), printf("leader on again: %ld\n", group_value(leader, 1));
  close(leader);
  store(13), printf("leader closed: %ld\n", group_value(sibling, 0));
  ioctl(sibling, PERF_EVENT_IOC_RESET, 0);
  store(17), printf("reset: %ld\n", group_value(sibling, 0));
  errno = 0;
  const int third = open_on(&dummy, 0, -1, sibling);
  printf("as a leader: %s", outcome_of(third));
  printf(", values %ld %ld %ld\n", group_value(sibling, 0), group_value(sibling, 1), group_value(sibling, 2));
  // A leader that is off when it is closed: its sibling, enabled, counts from the task's next turn on a CPU.
  const int second = must_open(&dummy, 0, -1, -1);
  close(sibling), close(third);
  const int orphan = must_open(&attr, 0, -1, second);
  store(4), printf("second leader off: %ld", group_value(orphan, 1));
  close(second), usleep(1000);
  store(6), printf(", closed: %ld\n", group_value(orphan, 0));
  return 0;
}
