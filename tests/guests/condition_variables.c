// Condition variables: one and all waiters, turns that are passed round, timed waits on both clocks, and between processes.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

enum { kThreads = 6, kRounds = 50 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER, arrived = PTHREAD_COND_INITIALIZER;
static int turn, waiting, opened, passed, order[kThreads * kRounds], turns;

static void* takes_turns(void* index) {
  for (int i = 0; i < kRounds; ++i) {
    pthread_mutex_lock(&mutex);
    while (turn != (int)(long)index) pthread_cond_wait(&condition, &mutex);
    order[turns++] = turn;
    turn = (turn + 1) % kThreads;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}
static void* passes(void* unused) {
  pthread_mutex_lock(&mutex);
  ++waiting;
  pthread_cond_signal(&arrived);
  while (opened == 0) pthread_cond_wait(&condition, &mutex);
  --opened, ++passed;
  pthread_cond_signal(&arrived);
  pthread_mutex_unlock(&mutex);
  return unused;
}
static struct timespec from_now(clockid_t clock, long nanoseconds) {
  struct timespec at;
  clock_gettime(clock, &at);
  at.tv_nsec += nanoseconds;
  if (at.tv_nsec >= 1000000000) at.tv_nsec -= 1000000000, ++at.tv_sec;
  return at;
}
static int reached(clockid_t clock, struct timespec at) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec > at.tv_sec || (now.tv_sec == at.tv_sec && now.tv_nsec >= at.tv_nsec);
}

int main(void) {
  pthread_t threads[kThreads];
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, takes_turns, (void*)i);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  int right = 0;
  for (int i = 0; i < turns; ++i) right += order[i] == i % kThreads;
  printf("%d turns, %d right\n", turns, right);

  // One at a time, then all that are left.
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, passes, NULL);
  pthread_mutex_lock(&mutex);
  while (waiting < kThreads) pthread_cond_wait(&arrived, &mutex);
  for (int i = 1; i <= 3; ++i) {
    opened = 1;
    pthread_cond_signal(&condition);
    while (passed < i) pthread_cond_wait(&arrived, &mutex);
    printf("passed %d opened %d\n", passed, opened);
  }
  opened = kThreads - 3;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("passed %d opened %d\n", passed, opened);
  GIVES(pthread_cond_signal(&condition));
  GIVES(pthread_cond_broadcast(&condition));

  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  GIVES(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
  GIVES(pthread_condattr_setclock(&attributes, CLOCK_PROCESS_CPUTIME_ID));
  pthread_cond_t monotonic;
  GIVES(pthread_cond_init(&monotonic, &attributes));
  pthread_mutex_lock(&mutex);
  struct timespec at = from_now(CLOCK_REALTIME, 5000000);
  GIVES(pthread_cond_timedwait(&condition, &mutex, &at));
  SHOW(reached(CLOCK_REALTIME, at));
  at = from_now(CLOCK_MONOTONIC, 5000000);
  GIVES(pthread_cond_timedwait(&monotonic, &mutex, &at));
  SHOW(reached(CLOCK_MONOTONIC, at));
  at = from_now(CLOCK_MONOTONIC, 5000000);
  GIVES(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &at));
  SHOW(reached(CLOCK_MONOTONIC, at));
  at = (struct timespec){1, 0};
  GIVES(pthread_cond_timedwait(&condition, &mutex, &at));
  at.tv_nsec = 1000000000;
  GIVES(pthread_cond_timedwait(&condition, &mutex, &at));
  GIVES(pthread_mutex_unlock(&mutex));

  // Shared by two processes: ping and pong.
  struct { pthread_mutex_t mutex; pthread_cond_t condition; int ball, count; } *const shared = shared_memory(4096);
  pthread_mutexattr_t of_mutex;
  pthread_mutexattr_init(&of_mutex);
  pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &of_mutex);
  pthread_condattr_init(&attributes);
  pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&shared->condition, &attributes);
  const pid_t child = fork_flushed();
  const int me = child == 0;
  for (int i = 0; i < 200; ++i) {
    pthread_mutex_lock(&shared->mutex);
    while (shared->ball != me) pthread_cond_wait(&shared->condition, &shared->mutex);
    shared->ball = !me;
    ++shared->count;
    pthread_cond_signal(&shared->condition);
    pthread_mutex_unlock(&shared->mutex);
  }
  if (me) _exit(0);
  show_end("child", child);
  SHOW(shared->count);
  return 0;
}
