// Two tasks that take turns ROUNDS times, by a pipe or by a futex, while SLEEPERS others sleep. Prints the cycles that the
// turns took, and nothing else. With `watched` or `both`, the second task, or the first too, has a breakpoint that is never hit.
#include "hostile.h"
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

static char watched_byte __attribute__((aligned(64)));
static int (*ends)[2];
static volatile int* turn;
static int by_futex, rounds;

static void watch(void) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .bp_type = HW_BREAKPOINT_W,
                                 .bp_addr = (unsigned long)&watched_byte, .bp_len = 1};
  if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) == -1) say("perf_event_open: %s\n", strerrorname_np(errno)), _exit(1);
}

static void take_turns(int own) {
  char byte = 0;
  for (int i = 0; i < rounds; ++i) {
    if (by_futex) {
      while (*turn != own) syscall(SYS_futex, turn, FUTEX_WAIT, !own, NULL, NULL, 0);
      *turn = !own;
      syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    } else {
      if (read(ends[own][0], &byte, 1) != 1 || write(ends[!own][1], &byte, 1) != 1) _exit(1);
    }
  }
}

static int sleep_for_ever(void* unused) {
  for (;;) pause();
}

static int second(void* watches) {
  if (watches) watch();
  take_turns(1);
  _exit(0);
}

// switches WAY ROUNDS SLEEPERS [watched]
int main(int argc, char** argv) {
  if (argc < 4) return 2;
  by_futex = strcmp(argv[1], "futex") == 0;
  rounds = atoi(argv[2]);
  const int sleepers = atoi(argv[3]);
  const int watched = argc > 4;
  turn = shared(65536);
  ends = shared(65536);
  pipe(ends[0]), pipe(ends[1]);
  enum { kStack = 2048 };
  char* const stacks = memory((sleepers + 1L) * kStack);
  for (int i = 0; i < sleepers; ++i) {
    if (clone(sleep_for_ever, stacks + (i + 1L) * kStack, kThread, NULL) == -1) say("clone: %s\n", strerrorname_np(errno)), _exit(1);
  }
  // A process of its own: between threads a switch would leave the address space.
  const pid_t child = fork();
  if (child == 0) second(watched ? &watched_byte : NULL);
  usleep(50000);  // all of them sleep by now
  if (!by_futex) write(ends[0][1], "", 1);
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  take_turns(0);
  clock_gettime(CLOCK_MONOTONIC, &end);
  say("%ld\n", (end.tv_sec - begin.tv_sec) * 1000000000L + end.tv_nsec - begin.tv_nsec);
  waitpid(child, NULL, 0);
}
