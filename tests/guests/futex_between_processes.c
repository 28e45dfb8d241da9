// Futexes between processes: in shared memory they are one, in private memory each process has its own; interrupted and timed waits.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdint.h>
#include <sys/time.h>
#include "tasks.h"

static uint32_t private_word;
static volatile int ticks;

static long futex(volatile uint32_t* at, int operation, uint32_t value, const struct timespec* timeout) {
  return syscall(SYS_futex, at, operation, value, timeout, NULL, 0);
}
static void tick(int number) { (void)number; ++ticks; }

int main(void) {
  volatile uint32_t* const shared = shared_memory(65536);
  // Turns: each waits while the word is not its own.
  pid_t child = fork_flushed();
  const uint32_t me = child == 0;
  int wakes = 0;
  for (int i = 0; i < 300; ++i) {
    while (*shared != me) futex(shared, FUTEX_WAIT, !me, NULL);
    shared[1 + me] += (uint32_t)i;
    __atomic_store_n(shared, !me, __ATOMIC_SEQ_CST);
    wakes += futex(shared, FUTEX_WAKE, 1, NULL) >= 0;
  }
  if (me) _exit(wakes == 300);
  show_end("child", child);
  printf("%d: %u %u\n", wakes, shared[1], shared[2]);

  // The same memory at two addresses, found all the same; a private wait is not.
  volatile uint32_t* const again = mremap((void*)shared, 0, 65536, MREMAP_MAYMOVE);
  SHOW(again != MAP_FAILED && again != shared && again[1] == shared[1]);
  *shared = 7;
  child = fork_flushed();
  if (child == 0) _exit(futex(shared, FUTEX_WAIT, 7, NULL) == 0 ? 3 : 4);
  while (futex(again, FUTEX_WAKE, 1, NULL) == 0) pause_briefly();
  show_end("other address", child);

  // A private mapping's word is copied by fork: nobody wakes the child's.
  child = fork_flushed();
  if (child == 0) {
    const struct timespec moment = {0, 20000000};
    _exit(futex(&private_word, FUTEX_WAIT, 0, &moment) == -1 && errno == ETIMEDOUT ? 5 : 6);
  }
  long sum = 0;
  for (int i = 0; i < 20; ++i) sum += futex(&private_word, FUTEX_WAKE, 100, NULL), pause_briefly();
  SHOW(sum);
  show_end("private", child);

  // Five children wait; they are woken together.
  *shared = 0;
  for (int i = 0; i < 5; ++i) if (fork_flushed() == 0) _exit(futex(shared, FUTEX_WAIT, 0, NULL) == 0 ? 1 : 100);
  for (int woken = 0; woken < 5;) woken += (int)futex(shared, FUTEX_WAKE, 5, NULL), pause_briefly();
  int codes = 0;
  for (int status; wait(&status) > 0;) codes += WEXITSTATUS(status);
  SHOW(codes);

  // A handler ends a wait with EINTR; with SA_RESTART it does so only where there is a timeout.
  struct sigaction action = {.sa_handler = tick};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 2000}, {0, 2000}}, NULL);
  TRY(futex(&private_word, FUTEX_WAIT_PRIVATE, 0, NULL));
  const struct timespec longer = {1000, 0}, shorter = {0, 30000000};
  TRY(futex(&private_word, FUTEX_WAIT, 0, &longer));
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, NULL);
  ticks = 0;
  TRY(futex(&private_word, FUTEX_WAIT, 0, &shorter));
  SHOW(ticks > 0);
  *shared = 1;
  child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 20; ++i) pause_briefly();
    while (futex(shared, FUTEX_WAKE, 1, NULL) == 0) pause_briefly();
    _exit(0);
  }
  TRY(futex(shared, FUTEX_WAIT, 1, NULL));
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  show_end("waker", child);
  return 0;
}
