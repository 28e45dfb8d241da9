// Threads that change each other's policy, nice value and CPUs all the time, sleep, yield, fork and are signalled: all of them get to
// their end. Natively it wants a privilege.
//: expected
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/resource.h>
#include "tasks.h"

enum { kThreads = 12, kRounds = 400 };
static volatile int tids[kThreads];

static unsigned next(unsigned* state) {
  *state = *state * 1103515245 + 12345;
  return *state >> 8;
}
static void set_policy(int tid, int policy, int priority) {
  const struct sched_param parameter = {.sched_priority = priority};
  sched_setscheduler(tid, policy, &parameter);
}
static void set_cpus(int tid, unsigned mask) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu = 0; cpu < 4; ++cpu) if (mask >> cpu & 1) CPU_SET(cpu, &set);
  sched_setaffinity(tid, sizeof set, &set);
}
static void make_child(void) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, NULL, 0);
}
static void* change(void* data) {
  const int me = (int)(long)data;
  unsigned state = (unsigned)me * 77 + 1;
  tids[me] = gettid();
  for (int round = 0; round < kRounds; ++round) {
    const unsigned what = next(&state);
    const int other = tids[next(&state) % kThreads];
    const unsigned value = next(&state);
    switch (what % 11) {
      case 0: set_policy(other, SCHED_FIFO, 1 + (int)(value % 5)); break;
      case 1: set_policy(other, SCHED_RR, 1 + (int)(value % 5)); break;
      case 2: set_policy(other, SCHED_OTHER, 0); break;
      case 3: set_policy(other, SCHED_IDLE, 0); break;
      case 4: set_policy(other, SCHED_BATCH, 0); break;
      case 5: setpriority(PRIO_PROCESS, (id_t)other, (int)(value % 40) - 20); break;
      case 6: set_cpus(other, value % 15 + 1); break;
      case 7: nanosleep(&(struct timespec){0, value % 200000}, NULL); break;
      case 8: sched_yield(); break;
      case 9: for (volatile unsigned i = 0; i < value % 30000; ++i) {} break;
      default:
        if (what % 55 == 10) make_child();
        else kill(getpid(), SIGUSR1);
    }
  }
  return NULL;
}
static void on_signal(int unused) { (void)unused; }

int main(void) {
  signal(SIGUSR1, on_signal);
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) tids[i] = getpid();
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, change, (void*)i);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("all ended\n");
  return 0;
}
