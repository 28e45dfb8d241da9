// SCHED_FIFO and SCHED_RR on one processor of Linux 6.1: who runs before whom, for how long, and what is left for others. Natively it
// wants a privilege, and CONFIG_RT_GROUP_SCHED off.
//: expected
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static volatile int order[8], places;
static double now(clockid_t clock) {  // ms
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}
static void spin(double milliseconds) {
  const double end = now(CLOCK_THREAD_CPUTIME_ID) + milliseconds;
  while (now(CLOCK_THREAD_CPUTIME_ID) < end) {
    for (volatile int i = 0; i < 5000; ++i) {}
  }
}
static void become(pid_t tid, int policy, int priority) {
  const struct sched_param parameter = {.sched_priority = priority};
  if (sched_setscheduler(tid, policy, &parameter) != 0) printf("sched_setscheduler fails\n");
}
static void interval(const char* what) {
  struct timespec time;
  sched_rr_get_interval(0, &time);
  printf("%s: %ld ms\n", what, (long)time.tv_sec * 1000 + time.tv_nsec / 1000000);
}
// Starts as real time of that priority, and notes its number when it has run for a while.
static void* runs(void* data) {
  const int number = (int)(long)data;
  spin(20);
  order[places++] = number;
  return NULL;
}
static void start(pthread_t* thread, int number, int policy, int priority) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, policy);
  pthread_attr_setschedparam(&attributes, &(struct sched_param){.sched_priority = priority});
  if (pthread_create(thread, &attributes, runs, (void*)(long)number) != 0) printf("pthread_create fails\n");
}
static void show_order(const char* what, int count) {
  printf("%s:", what);
  for (int i = 0; i < count; ++i) printf(" %d", order[i]);
  printf("\n");
  places = 0;
}
static volatile double rr_used[2];
static volatile int stop;
static void* round_robin(void* data) {
  double longest = 0, begin = now(CLOCK_MONOTONIC), last = begin;
  while (!stop) {
    for (volatile int i = 0; i < 20000; ++i) {}
    const double time = now(CLOCK_MONOTONIC);
    if (time - last > 10) begin = time;  // the other had its turn
    if (time - begin > longest) longest = time - begin;
    last = time;
  }
  rr_used[(long)data] = longest;
  return NULL;
}

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  interval("SCHED_OTHER");
  become(0, SCHED_RR, 1);
  interval("SCHED_RR");
  become(0, SCHED_FIFO, 50);
  interval("SCHED_FIFO");

  // The maker is above all that it makes, and they begin when it waits for them.
  pthread_t threads[4];
  start(&threads[0], 1, SCHED_FIFO, 10);
  start(&threads[1], 2, SCHED_FIFO, 30);
  start(&threads[2], 3, SCHED_FIFO, 20);
  start(&threads[3], 4, SCHED_OTHER, 0);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  show_order("by priority", 4);
  for (int i = 0; i < 3; ++i) start(&threads[i], i + 1, SCHED_FIFO, 10);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  // glibc makes each with its maker's priority and then lowers it, by which it gets before those who are there.
  show_order("equals that came down, the last first", 3);

  // One that is woken runs at once where it is above, and not where it isn't.
  become(0, SCHED_OTHER, 0);
  start(&threads[0], 1, SCHED_FIFO, 1);
  order[places++] = 2;
  pthread_join(threads[0], NULL);
  show_order("real time preempts", 2);
  become(0, SCHED_FIFO, 20);
  start(&threads[0], 1, SCHED_FIFO, 20);
  spin(30);
  order[places++] = 2;
  pthread_join(threads[0], NULL);
  show_order("an equal waits", 2);
  start(&threads[0], 1, SCHED_FIFO, 20);
  sched_yield();
  order[places++] = 2;
  pthread_join(threads[0], NULL);
  show_order("sched_yield lets equals go first", 2);
  start(&threads[0], 1, SCHED_FIFO, 10);
  become(0, SCHED_FIFO, 5);
  order[places++] = 2;
  pthread_join(threads[0], NULL);
  show_order("who goes down makes way", 2);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, SCHED_RR);
  pthread_attr_setschedparam(&attributes, &(struct sched_param){.sched_priority = 10});
  become(0, SCHED_FIFO, 50);
  for (long i = 0; i < 2; ++i) pthread_create(&threads[i], &attributes, round_robin, (void*)i);
  nanosleep(&(struct timespec){0, 450000000}, NULL);
  stop = 1;
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  printf("turns of SCHED_RR: %s\n", rr_used[0] > 90 && rr_used[0] < 110 && rr_used[1] > 90 && rr_used[1] < 110 ? "100 ms" : "others");

  // Of a second, real time has 0.95; a fair task gets the rest.
  stop = 0;
  become(0, SCHED_OTHER, 0);
  pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
  pthread_create(&threads[0], &attributes, round_robin, (void*)0);
  double waited = now(CLOCK_MONOTONIC);
  spin(60);
  waited = now(CLOCK_MONOTONIC) - waited;
  stop = 1;
  pthread_join(threads[0], NULL);
  printf("60 ms beside real time: %s\n", waited > 900 && waited < 3000 ? "in some seconds" : "otherwise");
  return 0;
}
