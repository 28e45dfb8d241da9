// Inherited events with sigtrap: each thread gets the signals of its own stores, and no other; so do processes. After exec(2) the
// event is gone, and nothing is sent any more.
//: breakpoints
//: cpus 4
#include "perf_b.h"

enum { kThreads = 4, kTimes = 500 };
// In a doubleword of its own: an atomic access to it would take a PPC64 breakpoint away.
static volatile int watched __attribute__((aligned(64)));
static __thread volatile int signals, wrong, inside, tid;
static volatile int total __attribute__((aligned(64)));
static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  wrong += !inside || tid != (int)syscall(SYS_gettid) || info->si_addr != (void*)&watched || perf_data(info) != 42;
  __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
}
static long work(int times) {
  tid = (int)syscall(SYS_gettid);
  int behind = 0;
  for (int i = 0; i < times; ++i) {
    inside = 1, watched = i, inside = 0;
    behind += signals != i + 1;
  }
  return signals != times || wrong != 0 || behind != 0;
}
static void* in_thread(void* unused) { return (void*)work(kTimes); }
static int in_threads(void) {
  pthread_t threads[kThreads];
  int bad = 0;
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, in_thread, NULL);
  for (int i = 0; i < kThreads; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    bad += result != NULL;
  }
  return bad;
}

int main(int argc, char** argv) {
  if (argc > 1) {
    watched = 1;  // SIGTRAP's action is the default now
    return 0;
  }
  handle(SIGTRAP, trapped, 0);
  for (unsigned only_threads = 0; only_threads < 2; ++only_threads) {
    struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
    attr.sig_data = 42;
    attr.inherit = 1;
    attr.inherit_thread = only_threads;
    const int fd = must_open(&attr, 0, -1, -1);
    total = signals = 0;
    printf("threads: %d wrong", in_threads()), printf(", %d signals, count %ld", total, count(fd));
    printf(", itself: %ld wrong", work(100)), printf(", count %ld\n", count(fd)), fflush(stdout);
    for (int i = 0; i < 2; ++i) {
      const int child = fork();
      if (child == 0) {
        total = signals = 0;
        const int bad = i == 0 ? (int)work(100) : in_threads();
        printf("process: %d as expected, %d signals, count %ld\n", only_threads ? total == 0 : bad == 0, total, count(fd));
        fflush(stdout);
        execl("/proc/self/exe", "program", "child", (char*)0);
      }
      printf("after its exec: status %d", wait_for(child)), printf(", count %ld\n", count(fd)), fflush(stdout);
    }
    close(fd);
  }
  return 0;
}
