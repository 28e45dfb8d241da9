// PERF_EVENT_IOC_MODIFY_ATTRIBUTES: another address, length, type, disabled or not; nothing else may be changed.
//: breakpoints
#include "perf.h"

static volatile long long watched[4] __attribute__((aligned(32)));
static HITS void store(void) {
  watched[0] = 1;
  ((volatile int*)watched)[1] = 2;
  watched[1] = 3, watched[1] = 4;
  watched[2] = 5, watched[2] = 6, watched[2] = 7, watched[2] = watched[1];
}

static int fd;
static struct perf_event_attr attr;
static void modify(const char* what, struct perf_event_attr changed) {
  errno = 0;
  const int result = ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &changed);
  store();
  printf("%s: %s", what, outcome(result));
  printf(", counted %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
}
#define MODIFY(what, ...) do { struct perf_event_attr a = attr; __VA_ARGS__; modify(what, a); } while (0)
#define ACCEPT(what, ...) do { __VA_ARGS__; modify(what, attr); } while (0)

int main(void) {
  attr = breakpoint_attr(&watched[0], 8, HW_BREAKPOINT_W);
  fd = must_open(attr);
  ACCEPT("nothing", (void)0);
  ACCEPT("address", attr.bp_addr = (uintptr_t)&watched[1]);
  ACCEPT("address again", attr.bp_addr = (uintptr_t)&watched[2]);
  ACCEPT("address and length", attr.bp_addr = (uintptr_t)&watched[0] + 4, attr.bp_len = 4);
  ACCEPT("shorter", attr.bp_len = 1);
  attr.bp_len = 8;
  ACCEPT("all accesses, another address", attr.bp_addr = (uintptr_t)&watched[1], attr.bp_type = HW_BREAKPOINT_RW);
  ACCEPT("writes", attr.bp_type = HW_BREAKPOINT_W);
  ACCEPT("disabled", attr.disabled = 1);
  ACCEPT("disabled, another address", attr.bp_addr = (uintptr_t)&watched[2]);
  ACCEPT("enabled", attr.disabled = 0);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  ACCEPT("enabled after DISABLE", (void)0);

  // What is refused leaves an event as it was, but enabled.
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  MODIFY("no length after DISABLE", a.bp_len = 0);
  MODIFY("length 3, misaligned", a.bp_addr += 7, a.bp_len = 3);
  MODIFY("no length", a.bp_len = 0);
  MODIFY("no type", a.bp_type = HW_BREAKPOINT_EMPTY);
  MODIFY("a kernel address", a.bp_addr = 0xffffffff81000000);
  MODIFY("misaligned", a.bp_addr += 1);
  MODIFY("misaligned, disabled", a.bp_addr += 1, a.disabled = 1);
  MODIFY("event type", a.type = PERF_TYPE_SOFTWARE);
  MODIFY("period", a.sample_period = 5);
  MODIFY("sample_type", a.sample_type = PERF_SAMPLE_IP);
  MODIFY("read_format", a.read_format = PERF_FORMAT_ID);
  MODIFY("exclude_user", a.exclude_user = 1);
  MODIFY("exclude_kernel", a.exclude_kernel = 0);
  MODIFY("inherit", a.inherit = 1);
  MODIFY("pinned", a.pinned = 1);
  MODIFY("wakeup_events", a.wakeup_events = 1);
  MODIFY("config", a.config = 5);
  MODIFY("another size", a.size = PERF_ATTR_SIZE_VER5);
  MODIFY("size 8", a.size = 8);
  MODIFY("a reserved field", a.__reserved_2 = 1);
  MODIFY("unknown sample_type", a.sample_type = 1ull << 40);
  MODIFY("a period and an address", a.sample_period = 5, a.bp_addr = (uintptr_t)&watched[1]);
  MODIFY("nothing", (void)0);
  MODIFY("signal data", a.sig_data = 5);
  MODIFY("sample_max_stack 0 is the default", a.sample_max_stack = 127);
  printf("no memory: %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, 64)));
  close(fd);

  attr = (struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_DUMMY};
  fd = must_open(attr);
  printf("a software event: %s\n", outcome(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)));
  return 0;
}
