// Counting breakpoints by perf_event_open(2), as the guests of this folder use them.
#pragma once
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { kSlots = 4 };  // DR0 to DR3
#else
enum { kSlots = 1 };  // the DABR
#endif

static inline struct perf_event_attr breakpoint_attr(volatile const void* address, unsigned length, unsigned type) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.size = sizeof attr;
  attr.bp_type = type;
  attr.bp_addr = (uintptr_t)address;
  attr.bp_len = length;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  return attr;
}

static inline int open_event(struct perf_event_attr* attr) { return (int)syscall(SYS_perf_event_open, attr, 0, -1, -1, 0); }

static inline int open_breakpoint(volatile const void* address, unsigned length, unsigned type) {
  struct perf_event_attr attr = breakpoint_attr(address, length, type);
  const int fd = open_event(&attr);
  if (fd < 0) perror("perf_event_open"), exit(3);
  return fd;
}

static inline long count(int fd) {
  uint64_t value = 0;
  if (read(fd, &value, sizeof value) != sizeof value) perror("read"), exit(4);
  return (long)value;
}
