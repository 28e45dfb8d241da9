// sigtrap with the kernel's own accesses: read(2) into the watched variable sends the signal at the call's end, with the flags of
// a synchronous one; without exclude_kernel only. A page of the kernel's accesses gives at least one.
//: breakpoints
#include "perf_b.h"

static volatile union { char bytes[8]; uint64_t whole; } watched;
static volatile int signals, code, flags, address, in_call, seen_value;
static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  code = info->si_code, flags = (int)perf_flags(info), address = info->si_addr == (void*)&watched;
  seen_value = (int)(unsigned char)watched.bytes[0];
}

int main(void) {
  handle(SIGTRAP, trapped, SA_RESTART);
  int ends[2];
  if (pipe(ends) != 0) return 1;
  for (unsigned kernel = 0; kernel < 2; ++kernel) {
    struct perf_event_attr attr = sigtrap_attr(&watched, 8, HW_BREAKPOINT_W);
    attr.exclude_kernel = !kernel;
    const int fd = must_open(&attr, 0, -1, -1);
    const char sent[8] = {0x55, 1, 2, 3, 4, 5, 6, 7};
    watched.whole = 0;
    printf("kernel %u: store %d signals, count %ld", kernel, signals, count(fd));
    signals = 0, code = 0;
    if (write(ends[1], sent, 8) != 8) return 1;
    const long got = (long)read(ends[0], (void*)watched.bytes, 8);
    printf("; read %ld, signals %d, code %d flags %d address %d", got, signals > 0, code, flags, address);
    printf(", value in the handler %#x, counted %d\n", seen_value, count(fd) > 1);
    signals = code = seen_value = 0;
    close(fd);
  }
  // Events that count the kernel's accesses alone.
  struct perf_event_attr attr = sigtrap_attr(&watched, 8, HW_BREAKPOINT_RW);
  attr.exclude_kernel = 0;
  attr.exclude_user = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  watched.whole = 1;
  printf("kernel alone: store %d", signals);
  const long sent = (long)write(ends[1], (void*)watched.bytes, 8);
  printf(", write %ld: signals %d, counted %d\n", sent, signals > 0, count(fd) > 0);
  return 0;
}
