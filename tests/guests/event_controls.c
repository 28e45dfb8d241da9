// ioctl(2) on an event: disabled at first, ENABLE, DISABLE, RESET, ID, and what is no command.
//: breakpoints
#include "breakpoint.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.disabled = 1;
  const int fd = open_event(&attr);
  store(5), printf("%ld", count(fd));
  const int enabled = ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  store(7), printf(" %d %ld", enabled, count(fd));
  const int disabled = ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  store(9), printf(" %d %ld", disabled, count(fd));
  const int reset = ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  printf(" %d %ld", reset, count(fd));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  store(3), printf(" %ld", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  store(2), printf(" %ld\n", count(fd));
  uint64_t id = 0, other_id = 0;
  const int got = ioctl(fd, PERF_EVENT_IOC_ID, &id);
  printf("id %d %d", got, id != 0);
  attr.bp_addr += 0;
  close(fd);
  const int second = open_event(&attr);
  ioctl(second, PERF_EVENT_IOC_ID, &other_id);
  printf(", another %d\n", other_id != id);
  errno = 0;
  const int bad = ioctl(second, 0x1234, 0);
  printf("no command %d %s", bad, strerrorname_np(errno));
  const int bad_pointer = ioctl(second, PERF_EVENT_IOC_ID, (void*)8);
  printf(", bad pointer %d %s\n", bad_pointer, strerrorname_np(errno));
  errno = 0;
  uint32_t small;
  const long short_read = (long)read(second, &small, sizeof small);
  printf("short read %ld %s", short_read, strerrorname_np(errno));
  errno = 0;
  const long written = (long)write(second, &small, sizeof small);
  printf(", write %ld %s", written, strerrorname_np(errno));
  errno = 0;
  const long sought = (long)lseek(second, 5, SEEK_SET);
  printf(", lseek %ld %s\n", sought, strerrorname_np(errno));
  return 0;
}
