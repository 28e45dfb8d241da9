// The library's block and string functions over a watched variable: found, however the CPU's version works.
//: breakpoints
#include <stdlib.h>
#include "breakpoint.h"

static char area[4096] __attribute__((aligned(64)));
static char other[4096] __attribute__((aligned(64)));

static int fd;
static void hit(const char* name) {
  printf("%s %d\n", name, count(fd) > 0);
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
}

int main(void) {
  memset(area, 'a', sizeof area - 1);
  fd = open_breakpoint(&area[2048], 8, HW_BREAKPOINT_W);
  void* (*volatile set)(void*, int, size_t) = memset;
  void* (*volatile copy)(void*, const void*, size_t) = memcpy;
  void* (*volatile move)(void*, const void*, size_t) = memmove;
  set(area, 'b', sizeof area - 1), hit("memset");
  set(area, 'c', 2000), hit("memset before it");
  set(area + 2056, 'd', 2000), hit("memset behind it");
  copy(area + 1024, other, 2048), hit("memcpy onto it");
  copy(other, area, 4096), hit("memcpy from it");
  move(area + 1, area, 4000), hit("memmove over it");
  memset(area, 'b', sizeof area - 1);
  close(fd);
  fd = open_breakpoint(&area[2048], 8, HW_BREAKPOINT_RW);
  size_t (*volatile length)(const char*) = strlen;
  char* (*volatile find)(const char*, int) = strchr;
  printf("%zu ", length(area)), hit("strlen");
  printf("%d ", find(area, 'x') == NULL), hit("strchr");
  printf("%d ", memcmp(area, other, 1024) != 0), hit("memcmp before it");
  printf("%d ", snprintf(other, sizeof other, "%s", area)), hit("snprintf");
  write(-1, area, sizeof area), hit("a system call's arguments");
  return 0;
}
