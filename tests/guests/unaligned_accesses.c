// x86: an access of any size that overlaps one watched byte counts once, also across a doubleword, a line and a page.
//: breakpoints
//: isa x86-64
#include <sys/mman.h>
#include "breakpoint.h"

static unsigned char* area;

#define ACCESSES(type, name)                                                     \
  static long name(int fd, unsigned char* watched) {                             \
    ioctl(fd, PERF_EVENT_IOC_RESET, 0);                                          \
    for (int distance = -17; distance <= 2; ++distance) {                        \
      type value = *(volatile type __attribute__((aligned(1)))*)(watched + distance); \
      *(volatile type __attribute__((aligned(1)))*)(watched + distance) = value; \
    }                                                                            \
    return count(fd);                                                            \
  }
typedef uint16_t Half __attribute__((aligned(1)));
typedef uint32_t Word __attribute__((aligned(1)));
typedef uint64_t Double __attribute__((aligned(1)));
ACCESSES(uint8_t, bytes)
ACCESSES(Half, halves)
ACCESSES(Word, words)
ACCESSES(Double, doubles)

static long vectors(int fd, unsigned char* watched) {
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  for (int distance = -17; distance <= 2; ++distance) {
    __asm__ volatile("movdqu (%0), %%xmm0\n\tmovdqu %%xmm0, (%0)" : : "r"(watched + distance) : "xmm0", "memory");
  }
  return count(fd);
}

static void watch(const char* name, unsigned char* at, unsigned length) {
  const int all = open_breakpoint(at, length, HW_BREAKPOINT_RW);
  const int writes = open_breakpoint(at, length, HW_BREAKPOINT_W);
  printf("%s: %ld %ld %ld %ld %ld", name, bytes(all, at), halves(all, at), words(all, at), doubles(all, at), vectors(all, at));
  printf(", %ld\n", vectors(writes, at));
  close(all), close(writes);
}

int main(void) {
  area = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(area, 1, 3 * 4096);
  watch("byte", area + 100, 1), watch("doubleword", area + 104, 8), watch("word", area + 60, 4), watch("half", area + 62, 2);
  watch("first of a page", area + 4096, 1), watch("last of a page", area + 8191, 1), watch("word over a line", area + 4096 + 64, 4);
  return 0;
}
