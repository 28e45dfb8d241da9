// The whole request of 2010: four pinned breakpoints (as many as there are slots) of one byte each, inherited by fork(2) and
// clone(2), triggered in several threads of several processes; the thread that hits one gets SIGTRAP before its next instruction,
// its handler does some work and moves the PC past that instruction, and there it goes on. Each hit is one signal and counted.
//: breakpoints
//: cpus 4
#include "perf_b.h"

enum { kThreads = 3, kProcesses = 2, kTimes = 200 };
static volatile unsigned char bytes[8];
// Each access that triggers is followed by an addition to `wrong`, which the handler skips; the execution that triggers is one.
__attribute__((noipa)) static void trigger(volatile int* wrong) {
#if defined(__x86_64__)
  asm volatile("movb $1, 0(%0)\n at0: addl $1, (%1)\n to0: movb 1(%0), %%al\n at1: addl $1, (%1)\n to1: nop\n"
               "at2: addl $1, (%1)\n to2: addb $1, 3(%0)\n at3: addl $1, (%1)\n to3: movb $1, 4(%0)\n" : : "r"(bytes), "r"(wrong)
               : "rax", "memory", "cc");
#else
  asm volatile("li 9, 1\n stb 9, 0(%0)\n at0: stw 9, 0(%1)\n to0: stb 9, 4(%0)" : : "b"(bytes), "b"(wrong) : "r9", "memory");
#endif
}
extern char at0[], at1[], at2[], at3[], to0[], to1[], to2[], to3[];
#if defined(__x86_64__)
static char* const at[4] = {at0, at1, at2, at3};
static char* const to[4] = {to0, to1, to2, to3};
#else
static char* const at[1] = {at0};
static char* const to[1] = {to0};
#endif

static __thread volatile int hits[kSlots], misplaced, work;
static void trapped(int signal, siginfo_t* info, void* context) {
  const unsigned which = (unsigned)perf_data(info);
  if (which >= kSlots || info->si_code != kTrapPerf || PC_OF(context) != (uintptr_t)at[which]) { ++misplaced; return; }
  ++hits[which];
  for (int i = 0; i < 10; ++i) work += i;
  PC_OF(context) = (uintptr_t)to[which];
}
static void* load(void* unused) {
  volatile int wrong = 0;
  for (int i = 0; i < kTimes; ++i) trigger(&wrong);
  long bad = wrong + misplaced + (work != kTimes * kSlots * 45);
  for (int i = 0; i < kSlots; ++i) bad += hits[i] != kTimes;
  return (void*)bad;
}
static long in_threads(void) {
  pthread_t threads[kThreads];
  long bad = 0;
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, load, NULL);
  for (int i = 0; i < kThreads; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    bad += (long)result;
  }
  return bad;
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  static const unsigned types[4] = {HW_BREAKPOINT_W, HW_BREAKPOINT_RW, HW_BREAKPOINT_X, HW_BREAKPOINT_RW};
  int fds[kSlots], children[kProcesses], good = 1;
  for (unsigned i = 0; i < kSlots; ++i) {
    const int executed = types[i] == HW_BREAKPOINT_X;
    struct perf_event_attr attr = sigtrap_attr(executed ? (void*)at[i] : (void*)&bytes[i], executed ? sizeof(long) : 1, types[i]);
    attr.pinned = attr.inherit = 1;
    attr.sig_data = i;
    fds[i] = must_open(&attr, 0, -1, -1);
  }
  for (int i = 0; i < kProcesses; ++i) {
    children[i] = fork();
    if (children[i] == 0) _exit(in_threads() != 0);
  }
  printf("own threads: %ld bad\n", in_threads());
  for (int i = 0; i < kProcesses; ++i) printf("process: %d\n", wait_for(children[i]));
  for (int i = 0; i < kSlots; ++i) good &= count(fds[i]) == kThreads * (kProcesses + 1) * kTimes;
  printf("each counted %ld %d\n", count(fds[0]), good);
  return 0;
}
