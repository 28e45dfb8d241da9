// How long tasks on one processor wait for it while others never let go: by Linux 6.1, in virtual time. Each bound is some times what
// a processor without other work needs.
//: expected
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/time.h>
#include "tasks.h"

static volatile int stop, ticks;
static double now(void) {  // ms
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}
static void* hog(void* unused) {
  while (!stop) {}
  return unused;
}
static void* nothing(void* unused) { return unused; }
static void on_alarm(int unused) { (void)unused; ++ticks; }
static void within(const char* what, double took, double most) {
  printf("%s: %s\n", what, took <= most ? "in time" : "late");
  if (took > most) fprintf(stderr, "%s: %.1f ms\n", what, took);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static int full;
enum { kHandovers = 200 };
static void* produce(void* unused) {
  for (int i = 0; i < kHandovers; ++i) {
    pthread_mutex_lock(&mutex);
    while (full) pthread_cond_wait(&emptied, &mutex);
    full = 1;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}
static void consume(void) {
  for (int i = 0; i < kHandovers; ++i) {
    pthread_mutex_lock(&mutex);
    while (!full) pthread_cond_wait(&filled, &mutex);
    full = 0;
    pthread_cond_signal(&emptied);
    pthread_mutex_unlock(&mutex);
  }
}
static volatile int turn;
static void* alternate(void* data) {
  const int me = (int)(long)data;
  for (int i = 0; i < 200; ++i) {
    while (turn != me) sched_yield();
    turn = !me;
  }
  return NULL;
}
static pthread_barrier_t barrier;
static void* meet(void* unused) {
  for (int i = 0; i < 100; ++i) pthread_barrier_wait(&barrier);
  return unused;
}

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  pthread_t spinner, other;
  signal(SIGALRM, on_alarm);
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarm, NULL);
  pthread_create(&spinner, NULL, hog, NULL);
  pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);

  double start = now();
  for (int i = 0; i < 200; ++i) {
    pthread_create(&other, NULL, nothing, NULL);
    pthread_join(other, NULL);
  }
  within("200 threads made and joined", now() - start, 100);

  double worst = 0;
  for (int i = 0; i < 100; ++i) {
    const struct timespec moment = {0, 1000000};
    start = now();
    nanosleep(&moment, NULL);
    const double took = now() - start;
    if (took > worst) worst = took;
  }
  within("the longest sleep of 1 ms", worst, 6);

  const struct itimerval interval = {{0, 5000}, {0, 5000}};
  start = now();
  setitimer(ITIMER_REAL, &interval, NULL);
  while (ticks < 50) pause();
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  within("50 alarms, one each 5 ms", now() - start, 300);

  start = now();
  pthread_create(&other, NULL, produce, NULL);
  consume();
  pthread_join(other, NULL);
  within("handovers by condition variables", now() - start, 100);

  start = now();
  int ends[4];
  pipe(ends);
  pipe(ends + 2);
  const pid_t child = fork();
  char byte = 0;
  for (int i = 0; i < 200; ++i) {
    if (child == 0) read(ends[0], &byte, 1), write(ends[3], &byte, 1);
    else write(ends[1], &byte, 1), read(ends[2], &byte, 1);
  }
  if (child == 0) _exit(0);
  within("bytes to and fro through pipes", now() - start, 100);
  waitpid(child, NULL, 0);

  pthread_barrier_init(&barrier, NULL, 3);
  pthread_t third;
  start = now();
  pthread_create(&other, NULL, meet, NULL);
  pthread_create(&third, NULL, meet, NULL);
  meet(NULL);
  pthread_join(other, NULL);
  pthread_join(third, NULL);
  within("meetings at a barrier", now() - start, 200);

  stop = 1;
  pthread_join(spinner, NULL);
  start = now();
  pthread_create(&other, NULL, alternate, (void*)1);
  alternate((void*)0);
  pthread_join(other, NULL);
  within("turns by sched_yield", now() - start, 20);
  return 0;
}
