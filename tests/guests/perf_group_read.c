// A group of a breakpoint, its leader, and software siblings: read(2) with PERF_FORMAT_GROUP gives them all, from whichever
// descriptor, in the order of their opening, with the leader's times; the leader's state decides about all; short buffers.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
struct contents { uint64_t nr, enabled, running; struct { uint64_t value, id; } of[3]; };

static struct contents contents(int fd) {
  struct contents got;
  memset(&got, 0xff, sizeof got);
  const long size = (long)read(fd, &got, sizeof got);
  printf("%ld bytes, nr %ld, running <= enabled %d: ", size, (long)got.nr, got.running <= got.enabled);
  return got;
}

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.disabled = 1;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  const int leader = must_open(&attr, 0, -1, -1);
  struct perf_event_attr dummy = software_attr(PERF_COUNT_SW_DUMMY), clock = software_attr(PERF_COUNT_SW_TASK_CLOCK);
  dummy.read_format = clock.read_format = attr.read_format;
  const int fds[3] = {leader, must_open(&dummy, 0, -1, leader), must_open(&clock, 0, -1, leader)};
  uint64_t ids[3];
  for (int i = 0; i < 3; ++i) ioctl(fds[i], PERF_EVENT_IOC_ID, &ids[i]);
  store(3);
  struct contents got = contents(leader);
  printf("not enabled: %d %ld %d %d\n", (int)got.enabled, (long)got.of[0].value, (int)got.of[1].value, got.of[2].value == 0);
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  store(5);
  got = contents(leader);
  printf("leader enabled: %ld %d %d", (long)got.of[0].value, (int)got.of[1].value, got.of[2].value != 0);
  printf(", ids %d %d %d\n", got.of[0].id == ids[0], got.of[1].id == ids[1], got.of[2].id == ids[2]);
  got = contents(fds[1]);
  printf("from a sibling: %ld, the leader's id %d\n", (long)got.of[0].value, got.of[0].id == ids[0]);
  ioctl(leader, PERF_EVENT_IOC_DISABLE, 0);
  store(7);
  const struct contents before = contents(leader);
  printf("leader disabled: %ld\n", (long)before.of[0].value);
  got = contents(leader);
  printf("once more: %ld, clock stands %d, times stand %d %d\n", (long)got.of[0].value, got.of[2].value == before.of[2].value,
         got.enabled == before.enabled, got.running == before.running);
  ioctl(leader, PERF_EVENT_IOC_RESET, 0);
  got = contents(leader);
  printf("leader reset: %ld, clock stands %d, times stand %d\n", (long)got.of[0].value, got.of[2].value == before.of[2].value,
         got.enabled == before.enabled);
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  store(11);
  got = contents(leader);
  printf("enabled again: %ld, clock goes on %d\n", (long)got.of[0].value, got.of[2].value > before.of[2].value);
  char buffer[200];
  for (int size = 0; size <= 72; size += 8) {
    errno = 0;
    const long result = (long)read(leader, buffer, (size_t)size);
    printf("%d: %ld %s%s", size, result, strerrorname_np(errno), size == 72 ? "\n" : ", ");
  }
  return 0;
}
