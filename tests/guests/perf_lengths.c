// Which types and lengths of a breakpoint perf_event_open grants, at which offset from a doubleword.
// x86-64 has writes or any access of 1, 2, 4 or 8 aligned bytes, and execution, whose length is that of a long.
// PPC64's DABR has reads, writes or both of any bytes within a doubleword, and no slot for anything else: EOPNOTSUPP,
// for the empty type as well; a length is kept in 16 bits, so that 2^32 + 8, 2^63 and 2^64 - 1 are granted.
//: breakpoints
//: differs ppc64
#include "perf.h"

static volatile long long watched[4] __attribute__((aligned(64)));

static void row(const char* name, unsigned type) {
  printf("%s", name);
  for (unsigned offset = 0; offset < 9; ++offset) {
    printf("\n  +%u:", offset);
    for (unsigned length = 0; length < 10; ++length) {
      struct perf_event_attr attr = breakpoint_attr((volatile char*)watched + offset, length, type);
      const int fd = open_event(&attr);
      printf(" %s", outcome(fd));
      if (fd >= 0) close(fd);
    }
  }
  printf("\n");
}

int main(void) {
  row("empty", HW_BREAKPOINT_EMPTY);
  row("read", HW_BREAKPOINT_R);
  row("write", HW_BREAKPOINT_W);
  row("access", HW_BREAKPOINT_RW);
  row("execute", HW_BREAKPOINT_X);
  // Beyond the three bits: PPC64 looks at reading and writing only.
  const unsigned types[] = {5, 6, 7, 8, 9, 10, 15, 16};
  for (unsigned i = 0; i < sizeof types / sizeof *types; ++i) {
    struct perf_event_attr attr = breakpoint_attr(watched, 8, types[i]);
    const int fd = open_event(&attr);
    printf("type %u: %s\n", types[i], outcome(fd));
    if (fd >= 0) close(fd);
  }
  // No power of two, which x86-64 would refuse by EOPNOTSUPP where an AMD processor hasn't them. PPC64 keeps 16 bits of a length.
  const unsigned long lengths[] = {12, 24, 1ul << 32 | 8, 1ul << 63, -1ul, -8ul};
  for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
    struct perf_event_attr attr = breakpoint_attr(watched, 8, HW_BREAKPOINT_W);
    attr.bp_len = lengths[i];
    const int fd = open_event(&attr);
    printf("length %#lx: %s\n", lengths[i], outcome(fd));
    if (fd >= 0) close(fd);
  }
  return 0;
}
