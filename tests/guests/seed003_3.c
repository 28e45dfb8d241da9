// Requirement 3 of the request of 2010: the thread that triggers the breakpoint stops at once and is sent SIGTRAP; the others of
// its process, which go on, are not. It holds for a thread that the handler keeps from going on for a while.
//: breakpoints
//: cpus 4
#include "perf_b.h"

static volatile int watched, kept_tid, other_got, others_went_on, released;
static volatile long progress[3];
static __thread volatile int signals, after;
static pthread_barrier_t barrier;
LABELS(stopped);

static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  if (after != 0) other_got = -1;  // the next instruction is not yet executed
  if ((int)syscall(SYS_gettid) != kept_tid) { ++other_got; return; }
  // The others go on while this thread is stopped in its handler.
  long from[3];
  for (int i = 0; i < 3; ++i) from[i] = progress[i];
  for (int i = 0; i < 3; ++i) while (progress[i] < from[i] + 10) sched_yield();
  others_went_on = 1;
}
__attribute__((noipa)) static void store(volatile int* counter) { STORE_AND_ADD(stopped, &watched, counter); }
static void* other(void* which) {
  pthread_barrier_wait(&barrier);
  while (!released) __atomic_fetch_add(&progress[(long)which], 1, __ATOMIC_RELAXED), sched_yield();
  return (void*)(long)signals;
}

int main(void) {
  pthread_t threads[3];
  handle(SIGTRAP, trapped, 0);
  kept_tid = (int)syscall(SYS_gettid);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.pinned = attr.inherit = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  pthread_barrier_init(&barrier, NULL, 4);
  for (long i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, other, (void*)i);
  pthread_barrier_wait(&barrier);
  store((volatile int*)&after);
  printf("stopped at once: signals %d, executed after it %d, others went on %d, got none %d\n", signals, after, others_went_on,
         other_got == 0);
  released = 1;
  long others = 0;
  for (int i = 0; i < 3; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    others += (long)result;
  }
  printf("signals of the other threads %ld, count %ld\n", others, count(fd));
  return 0;
}
