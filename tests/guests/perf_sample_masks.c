// The masks of registers and sizes of stack dumps that a sample can have.
// A breakpoint has no extended registers: x86-64's are XMM0 to XMM15, bits 32 to 63, EOPNOTSUPP even if not asked for; PPC64
// has none before POWER9, so that bits 45 to 63 are EINVAL if asked for, and else not looked at.
//: breakpoints
//: differs ppc64
#include "perf.h"

static volatile long long watched;
static void with(const char* what, uint64_t type, uint64_t user, uint64_t interrupted, unsigned stack) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, type);
  attr.sample_regs_user = user;
  attr.sample_regs_intr = interrupted;
  attr.sample_stack_user = stack;
  tell_attr(what, attr);
}

int main(void) {
  const unsigned sizes[] = {0, 8, 16, 1024, 32768, 65528, 65532, 65535, 65536, 65536 + 8, 1u << 31, -8u, 1, 4, 7, 12, 1023};
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    printf("%u ", sizes[i]);
    with("bytes of the stack", PERF_SAMPLE_STACK_USER, 0, 0, sizes[i]);
  }
  with("7 bytes, not asked for", PERF_SAMPLE_IP, 0, 0, 7);
  with("no user registers", PERF_SAMPLE_REGS_USER, 0, 0, 0);
  with("no interrupted registers", PERF_SAMPLE_REGS_INTR, 0, 0, 0);
  with("no registers, not asked for", PERF_SAMPLE_IP, 0, 0, 0);
  with("all registers, not asked for", PERF_SAMPLE_IP, -1ull, -1ull, 0);
  printf("user:");
  for (int bit = 0; bit < 64; ++bit) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_REGS_USER);
    attr.sample_regs_user = 1ull << bit;
    const int fd = open_event(&attr);
    printf(" %s", fd >= 0 ? "." : strerrorname_np(errno));
    if (fd >= 0) close(fd);
  }
  printf("\n");
  with("registers 0 and 2", PERF_SAMPLE_REGS_USER | PERF_SAMPLE_REGS_INTR, 5, 5, 0);
  with("register 0 and one too many", PERF_SAMPLE_REGS_USER, 1ull << 63 | 1, 0, 0);
  with("interrupted, one too many", PERF_SAMPLE_REGS_INTR, 0, 1ull << 63 | 1, 0);
  with("all at once", PERF_SAMPLE_REGS_USER | PERF_SAMPLE_REGS_INTR | PERF_SAMPLE_STACK_USER, 1, 2, 4096);
  return 0;
}
