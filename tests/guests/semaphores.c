// POSIX semaphores: values, trying, timing out, overflow; between threads and between processes.
//: cpus 4
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static sem_t semaphore, turn[3];
static char text[31];
static int at, most, inside;

static void* writes_turns(void* index) {
  const long me = (long)index;
  for (int i = 0; i < 10; ++i) {
    sem_wait(&turn[me]);
    text[at++] = (char)('a' + me);
    sem_post(&turn[(me + 1) % 3]);
  }
  return NULL;
}
static void* enters(void* unused) {
  for (int i = 0; i < 200; ++i) {
    sem_wait(&semaphore);
    const int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    for (int seen = most; now > seen && !__atomic_compare_exchange_n(&most, &seen, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);) {}
    if (i % 20 == 0) sched_yield();
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    sem_post(&semaphore);
  }
  return unused;
}

int main(void) {
  int value = -1;
  TRY(sem_init(&semaphore, 0, (unsigned)SEM_VALUE_MAX + 1u));
  TRY(sem_init(&semaphore, 0, 2));
  TRY(sem_trywait(&semaphore));
  TRY(sem_wait(&semaphore));
  TRY(sem_trywait(&semaphore));
  TRY(sem_getvalue(&semaphore, &value));
  SHOW(value);
  struct timespec past = {1, 0}, invalid = {1, 1000000000}, soon, after;
  TRY(sem_timedwait(&semaphore, &past));
  TRY(sem_timedwait(&semaphore, &invalid));
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 5000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, ++soon.tv_sec;
  TRY(sem_timedwait(&semaphore, &soon));
  clock_gettime(CLOCK_REALTIME, &after);
  SHOW(after.tv_sec > soon.tv_sec || (after.tv_sec == soon.tv_sec && after.tv_nsec >= soon.tv_nsec));
  TRY(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past));
  TRY(sem_post(&semaphore));
  TRY(sem_timedwait(&semaphore, &past));
  TRY(sem_init(&semaphore, 0, SEM_VALUE_MAX));
  TRY(sem_post(&semaphore));
  TRY(sem_getvalue(&semaphore, &value));
  SHOW(value == SEM_VALUE_MAX);

  pthread_t threads[8];
  for (int i = 0; i < 3; ++i) sem_init(&turn[i], 0, i == 0);
  for (long i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, writes_turns, (void*)i);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  puts(text);

  sem_init(&semaphore, 0, 3);
  for (int i = 0; i < 8; ++i) pthread_create(&threads[i], NULL, enters, NULL);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  SHOW(most >= 1 && most <= 3);
  sem_getvalue(&semaphore, &value);
  SHOW(value);

  struct { sem_t full, empty; int slot; } *const shared = shared_memory(4096);
  TRY(sem_init(&shared->full, 1, 0));
  TRY(sem_init(&shared->empty, 1, 1));
  const pid_t child = fork_flushed();
  if (child == 0) {
    int sum = 0;
    for (int i = 0; i < 300; ++i) {
      sem_wait(&shared->full);
      sum = (sum * 7 + shared->slot) & 0x7fffff;
      sem_post(&shared->empty);
    }
    SHOW(sum);
    leave(0);
  }
  for (int i = 0; i < 300; ++i) {
    sem_wait(&shared->empty);
    shared->slot = i;
    sem_post(&shared->full);
  }
  show_end("child", child);
  TRY(sem_destroy(&shared->full));
  return 0;
}
