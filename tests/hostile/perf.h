// Perf events, for the hostile programs that want many.
#pragma once
#include "hostile.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

static inline int open_event(struct perf_event_attr attr, int group) {
  attr.size = sizeof attr;
  attr.exclude_hv = 1;
  return syscall(SYS_perf_event_open, &attr, 0, -1, group, 0);
}

static inline struct perf_event_attr software(uint64_t what, uint64_t period) {
  return (struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .config = what, .sample_period = period};
}

// As many as there may be, up to `most`; their number.
static inline int open_many(struct perf_event_attr attr, int most) {
  int made = 0;
  while (made < most && open_event(attr, -1) != -1) ++made;
  return made;
}

static inline void* ring(int fd, int data_pages) {
  return mmap(NULL, (1 + data_pages) * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}
