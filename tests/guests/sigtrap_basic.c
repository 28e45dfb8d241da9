// sigtrap: each hit of a breakpoint sends SIGTRAP with si_code TRAP_PERF to the thread, before its next instruction; si_addr is
// the breakpoint's address, si_perf_data sig_data in all its 64 bits, si_perf_type the event's type.
//: breakpoints
#include "perf_b.h"

static volatile union { uint64_t whole; uint32_t half[2]; } watched;
static volatile int counter, counter_then, signals;
static siginfo_t info;
static unsigned long pc;
LABELS(plain);

static void trapped(int signal, siginfo_t* given, void* context) {
  ++signals;
  counter_then = counter;
  info = *given;
  pc = PC_OF(context);
}
__attribute__((noipa)) static void access_it(void) { STORE_AND_ADD(plain, &watched.half[0], &counter); }
static void show(const char* what, const struct perf_event_attr* attr) {
  printf("%s: %d signals, signo %d code %d errno %d", what, signals, info.si_signo, info.si_code, info.si_errno);
  printf(", address %d", info.si_addr == (void*)(uintptr_t)attr->bp_addr);
  printf(", data %#llx, type %u, flags %u", (unsigned long long)perf_data(&info), perf_type(&info), perf_flags(&info));
  signals = 0;
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  static const struct { const char* name; unsigned length, type; uint64_t data; } kinds[] = {
    {"written, 4", 4, HW_BREAKPOINT_W, 0xfedcba9876543210}, {"written, 8", 8, HW_BREAKPOINT_W, 7},
    {"written, 2", 2, HW_BREAKPOINT_W, ~0ull}, {"read or written", 4, HW_BREAKPOINT_RW, 1ull << 32}};
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    struct perf_event_attr attr = sigtrap_attr(&watched.half[0], kinds[i].length, kinds[i].type);
    attr.sig_data = kinds[i].data;
    const int fd = must_open(&attr, 0, -1, -1);
    const int before = counter;
    access_it();
    show(kinds[i].name, &attr);
    const int at_next = pc == (uintptr_t)plain_add;
    printf("\n  at the next instruction %d, which was not yet executed %d, but then %d, count %ld\n", at_next,
           counter_then == before, counter == before + 1, count(fd));
    if (kinds[i].type == HW_BREAKPOINT_RW) {
      const uint32_t read = watched.half[0];
      printf("  read %u: %d", read, signals), signals = 0;
      watched.half[0] += 1, printf(", read and written: %s", signals > 0 ? "signals\n" : "none\n"), signals = 0;
    }
    watched.half[1] = 5;
    printf("  of the other half: %d\n", signals), signals = 0;
    close(fd);
    watched.half[0] = 5;
    printf("  closed: %d\n", signals);
  }
#if defined(__x86_64__)
  // An execute breakpoint is before its instruction; the return from the handler goes on with it, once.
  struct perf_event_attr attr = sigtrap_attr(plain_add, sizeof(long), HW_BREAKPOINT_X);
  attr.sig_data = 3;
  const int fd = must_open(&attr, 0, -1, -1), before = counter;
  int good = 1;
  for (int i = 0; i < 10; ++i) {
    access_it();
    good &= signals == i + 1 && pc == (uintptr_t)plain_add && counter_then == before + i && counter == before + i + 1;
  }
  good &= info.si_addr == (void*)plain_add && info.si_code == kTrapPerf && perf_data(&info) == 3 && count(fd) == 10;
#else
  const int good = 1;
#endif
  printf("executed %d\n", good);
  return 0;
}
