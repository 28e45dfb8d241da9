// The kernel's own accesses on behalf of a system call do not count where the kernel is excluded.
//: breakpoints
//: args @root@
//: files
#include <fcntl.h>
#include "breakpoint.h"

static volatile char buffer[64] __attribute__((aligned(64)));

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  char path[4096];
  snprintf(path, sizeof path, "%s/poem.txt", argv[1]);
  const int file = open(path, O_RDONLY);
  const int fd = open_breakpoint(buffer, 8, HW_BREAKPOINT_RW);
  const long got = (long)read(file, (void*)buffer, sizeof buffer);
  printf("read %ld, counted %ld\n", got, count(fd));
  const char first = buffer[0];
  printf("%c, counted %ld\n", first, count(fd));
  return 0;
}
