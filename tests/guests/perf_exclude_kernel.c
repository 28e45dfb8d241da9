// exclude_user and exclude_kernel decide whether accesses of the program's own code and those of the kernel on its behalf,
// read(2) into the watched variable and write(2) from it, are counted.
//: breakpoints
#include "perf_b.h"

static volatile union { char bytes[8]; uint64_t whole; } watched;

static void measure(const char* what, unsigned type, int user, int kernel, int hv) {
  int ends[2];
  if (pipe(ends) != 0) exit(1);
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, type);
  attr.exclude_user = !user;
  attr.exclude_kernel = !kernel;
  attr.exclude_hv = !hv;
  const int fd = must_open(&attr, 0, -1, -1);
  printf("%s:", what);
  long last = 0;
  for (int i = 0; i < 5; ++i) watched.whole = (uint64_t)i;
  printf(" stores %ld", count(fd) - last), last = count(fd);
  uint64_t sum = 0;
  for (int i = 0; i < 3; ++i) sum += watched.whole;
  printf(" loads %ld", count(fd) - last), last = count(fd);
  if (write(ends[1], (char*)watched.bytes, 8) != 8) exit(1);
  printf(" write %d", count(fd) - last > 0), last = count(fd);
  if (read(ends[0], (char*)watched.bytes, 8) != 8) exit(1);
  printf(" read %d", count(fd) - last > 0), last = count(fd);
  printf("\n");
  close(fd), close(ends[0]), close(ends[1]);
}

int main(void) {
  for (int user = 0; user < 2; ++user) {
    for (int kernel = 0; kernel < 2; ++kernel) {
      printf("user %d, kernel %d\n", user, kernel);
      measure(" written", HW_BREAKPOINT_W, user, kernel, 0);
      measure(" read or written", HW_BREAKPOINT_RW, user, kernel, 1);
    }
  }
  return 0;
}
