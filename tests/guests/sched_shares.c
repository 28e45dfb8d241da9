// What tasks of different nice values and policies get of one processor, as ratios that hold wherever they share one alone.
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/resource.h>
#include "tasks.h"

static volatile int stop;
struct worker { int nice, policy; double used; };

static double used(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
static void spin(double seconds) {
  const double end = used(CLOCK_THREAD_CPUTIME_ID) + seconds;
  while (used(CLOCK_THREAD_CPUTIME_ID) < end && !stop) {
    for (volatile int i = 0; i < 20000; ++i) {}
  }
}
static void* work(void* data) {
  struct worker* const worker = data;
  const struct sched_param none = {0};
  if (worker->policy != SCHED_OTHER) sched_setscheduler(gettid(), worker->policy, &none);
  if (worker->nice != 0) setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + worker->nice);
  const double before = used(CLOCK_THREAD_CPUTIME_ID);
  spin(0.3);
  stop = 1;
  worker->used = used(CLOCK_THREAD_CPUTIME_ID) - before;
  return NULL;
}
// Of what both got until one had 0.3 s.
static double share(struct worker first, struct worker second) {
  struct worker workers[2] = {first, second};
  pthread_t threads[2];
  stop = 0;
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, work, &workers[i]);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return workers[1].used / (workers[0].used + workers[1].used);
}
static void show_share(const char* what, double share, double least, double most) {
  const int holds = share >= least && share <= most;
  printf("%s: %s\n", what, holds ? "as it should be" : "wrong");
  if (!holds) fprintf(stderr, "%s: %.3f\n", what, share);
}

int main(void) {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) ++cpu;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
  const struct worker equal = {0, SCHED_OTHER, 0};
  show_share("equals", share(equal, equal), 0.4, 0.6);
  show_share("a batch", share(equal, (struct worker){0, SCHED_BATCH, 0}), 0.4, 0.6);
  show_share("nice 5", share(equal, (struct worker){5, SCHED_OTHER, 0}), 0.15, 0.35);
  show_share("nice 19", share(equal, (struct worker){19, SCHED_OTHER, 0}), 0, 0.1);
  show_share("idle", share(equal, (struct worker){0, SCHED_IDLE, 0}), 0, 0.1);

  // Who shares a processor by force counts involuntary switches; who waits, voluntary ones.
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  SHOW(usage.ru_nivcsw > 10);
  struct rusage before, after;
  getrusage(RUSAGE_THREAD, &before);
  const struct timespec moment = {0, 1000000};
  for (int i = 0; i < 20; ++i) nanosleep(&moment, NULL);
  getrusage(RUSAGE_THREAD, &after);
  SHOW(after.ru_nvcsw - before.ru_nvcsw >= 20);
  return 0;
}
