// What cannot be inherited, or mapped when it is.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void outcome(const char* what, const struct perf_event_attr* attr, int cpu) {
  const int fd = open_on(attr, 0, cpu, -1);
  printf("%s: %s", what, outcome_of(fd));
  if (fd >= 0) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void* const at = mmap(NULL, page * 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf(", mapping it: %s", at == MAP_FAILED ? strerrorname_np(errno) : "ok");
    if (at != MAP_FAILED) munmap(at, page * 2);
    close(fd);
  }
  printf("\n");
}

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  outcome("not inherited, any CPU", &attr, -1);
  outcome("not inherited, one CPU", &attr, 0);
  attr.inherit = 1;
  outcome("inherited, any CPU", &attr, -1);
  outcome("inherited, one CPU", &attr, 0);
  attr.inherit_thread = 1;
  outcome("inherited by threads, any CPU", &attr, -1);
  outcome("inherited by threads, one CPU", &attr, 0);
  attr.inherit = 0;
  outcome("by threads, but not inherited", &attr, -1);
  attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.inherit = attr.enable_on_exec = attr.disabled = 1;
  outcome("inherited and enabled on exec", &attr, -1);
  attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.sigtrap = 1;
  outcome("sigtrap alone", &attr, -1);
  attr.remove_on_exec = 1;
  outcome("sigtrap with remove_on_exec", &attr, -1);
  outcome("the same, one CPU", &attr, 0);
  attr.inherit = 1;
  outcome("the same, inherited", &attr, -1);
  printf("the same, of no task: %s\n", outcome_of(open_on(&attr, -1, 0, -1)));
  attr.enable_on_exec = 1;
  outcome("and enabled on exec", &attr, -1);
  return 0;
}
