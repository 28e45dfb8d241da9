// The errno of each request that perf_event_open refuses.
//: breakpoints
#include "breakpoint.h"

static volatile long long watched[4];
static struct perf_event_attr good(void) { return breakpoint_attr(watched, 8, HW_BREAKPOINT_W); }

static void outcome(const char* what, long fd) {
  printf("%s: %s\n", what, fd >= 0 ? "ok" : strerrorname_np(errno));
  if (fd >= 0) close((int)fd);
}
static long open_as(struct perf_event_attr* attr, int pid, int cpu, int group, unsigned long flags) {
  return syscall(SYS_perf_event_open, attr, pid, cpu, group, flags);
}
static void with_attr(const char* what, struct perf_event_attr attr) { outcome(what, open_as(&attr, 0, -1, -1, 0)); }
#define CHANGED(what, ...) do { struct perf_event_attr a = good(); __VA_ARGS__; with_attr(what, a); } while (0)

int main(void) {
  CHANGED("good", (void)0);
  CHANGED("a kernel address from user space, kernel excluded", a.bp_addr = 0xffffffff81000000);
  CHANGED("size 8", a.size = 8);
  CHANGED("size 63", a.size = 63);
  CHANGED("size 70000", a.size = 70000);
  CHANGED("unknown event type", a.type = 999);
  // The last of the flags, in either bit order: perf_event_attr.__reserved_1.
  CHANGED("reserved flag", ((unsigned char*)&a)[47] = 0x81);
  CHANGED("sample_freq beyond any limit", a.freq = 1, a.sample_freq = ~0ull >> 1);
  CHANGED("sample_period with the top bit", a.sample_period = 1ull << 63);
  CHANGED("reserved 2", a.__reserved_2 = 1);
  struct perf_event_attr attr = good();
  outcome("no attr", open_as(NULL, 0, -1, -1, 0));
  outcome("unmapped attr", open_as((void*)64, 0, -1, -1, 0));
  outcome("no such task", open_as(&attr, 0x3ffffff, -1, -1, 0));
  outcome("neither task nor cpu", open_as(&attr, -1, -1, -1, 0));
  outcome("no such cpu", open_as(&attr, 0, 100000, -1, 0));
  outcome("cpu 0", open_as(&attr, 0, 0, -1, 0));
  outcome("group of a bad descriptor", open_as(&attr, 0, -1, 77, 0));
  outcome("group of standard output", open_as(&attr, 0, -1, 1, 0));
  outcome("unknown flags", open_as(&attr, 0, -1, -1, 1ul << 20));
  outcome("close on exec", open_as(&attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
  struct { struct perf_event_attr attr; char beyond[200]; } longer = {good(), {0}};
  longer.attr.size = sizeof longer;
  outcome("longer, zeros", open_as(&longer.attr, 0, -1, -1, 0));
  longer.attr.size = sizeof longer;
  longer.beyond[150] = 1;
  outcome("longer, more than zeros", open_as(&longer.attr, 0, -1, -1, 0));
  return 0;
}
