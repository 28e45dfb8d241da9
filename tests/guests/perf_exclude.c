// exclude_user, exclude_kernel, exclude_hv, exclude_idle, exclude_host and exclude_guest: which hits are counted.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void with(const char* what, struct perf_event_attr attr) {
  const int fd = must_open(attr);
  store(10);
  const long ours = count(fd);
  int ends[2];
  pipe(ends);
  write(ends[1], "12345678", 8);
  read(ends[0], (void*)&watched, 8);  // the kernel stores
  const long after = count(fd);
  printf("%s: %ld by us, %s by the kernel\n", what, ours, after == ours ? "none" : "some");
  close(fd), close(ends[0]), close(ends[1]);
}
#define CHANGED(what, ...) do { struct perf_event_attr a = good; __VA_ARGS__; with(what, a); } while (0)

int main(void) {
  const struct perf_event_attr good = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  with("neither the kernel nor a hypervisor", good);
  CHANGED("nor users", a.exclude_user = 1);
  CHANGED("a hypervisor too", a.exclude_hv = 0);
  CHANGED("not when idle", a.exclude_idle = 1);
  CHANGED("no host", a.exclude_host = 1);
  CHANGED("no guest", a.exclude_guest = 1);
  CHANGED("samples", a.sample_period = 3);
  CHANGED("samples, no users", a.sample_period = 3, a.exclude_user = 1);
  return 0;
}
