// What read(2) of an event returns in each read_format.
//: breakpoints
#include "breakpoint.h"

static volatile int watched;

static void show(const char* name, unsigned long format, int disabled) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.read_format = format;
  attr.disabled = disabled != 0;
  const int fd = open_event(&attr);
  if (fd < 0) {
    printf("%s: %s\n", name, strerrorname_np(errno));
    return;
  }
  for (int i = 0; i < 11; ++i) watched = i;
  uint64_t values[8] = {0}, id = 0;
  const long size = (long)read(fd, values, sizeof values);
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  int at = 0;
  printf("%s: %ld bytes,", name, size);
  if (format & PERF_FORMAT_GROUP) printf(" %d events", (int)values[at++]);
  else printf(" count %d", (int)values[at++]);
  uint64_t enabled = 0;
  if (format & PERF_FORMAT_TOTAL_TIME_ENABLED) printf(", enabled %d", (enabled = values[at++]) > 0);
  if (format & PERF_FORMAT_TOTAL_TIME_RUNNING) {
    if (format & PERF_FORMAT_TOTAL_TIME_ENABLED) printf(", running all of it %d", values[at] == enabled);
    else printf(", running %d", values[at] > 0);
    ++at;
  }
  if (format & PERF_FORMAT_GROUP) printf(", count %d", (int)values[at++]);
  if (format & PERF_FORMAT_ID) printf(", id %d", values[at++] == id);
  printf(", end %d\n", at * 8 == size);
  errno = 0;
  const long little = (long)read(fd, values, (size_t)size - 1);
  printf("  a byte less: %ld %s\n", little, strerrorname_np(errno));
  close(fd);
}

int main(void) {
  enum { E = PERF_FORMAT_TOTAL_TIME_ENABLED, R = PERF_FORMAT_TOTAL_TIME_RUNNING, I = PERF_FORMAT_ID, G = PERF_FORMAT_GROUP };
  show("plain", 0, 0), show("enabled", E, 0), show("running", R, 0), show("both", E | R, 0), show("id", I, 0);
  show("all", E | R | I, 0), show("group", G, 0), show("group, all", G | E | R | I, 0), show("disabled", E | R, 1);
  show("unknown", 1 << 20, 0);
  return 0;
}
