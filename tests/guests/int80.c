//: isa x86-64
//: ia32
// INT 0x80 in a 64-bit program: 32-bit numbers and registers, whose upper halves count for nothing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "cc");
  return result;
}

int main(void) {
  char *const low = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  const long high = 0x7700000000l;
  printf("getpid %d, with high bits %d, gettid %d\n", call(20, 0, 0, 0) == getpid(), call(20 | high, 0, 0, 0) == getpid(),
         call(224, 0, 0, 0) == gettid());
  fflush(stdout);
  strcpy(low, "written\n");
  printf("write %ld\n", call(4, 1 | high, (long)low | high, 8 | high));
  strcpy(low, "/dev/null");
  const int fd = (int)call(5, (long)low, O_RDWR, 0);
  printf("open %d, close %ld %ld\n", fd > 2, call(6, fd, 0, 0), call(6, fd, 0, 0));
  printf("a pointer beyond 4 GiB %ld, no such call %ld, -1 %ld\n", call(10, (long)&fd & 0xffffffff, 0, 0), call(4000, 0, 0, 0),
         call(-1, 0, 0, 0));
  // SYSCALL looks at the lower half of RAX only.
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(high | SYS_getpid) : "rcx", "r11", "memory");
  printf("syscall %d", result == getpid());
  __asm__ volatile("syscall" : "=a"(result) : "a"(0x40000000 | SYS_getpid) : "rcx", "r11", "memory");
  printf(", of x32 %ld\n", result);
}
