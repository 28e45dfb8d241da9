// Thirty-two threads over a mutex and a condition variable made of nothing but futexes, in one process and in several.
//: cpus 4
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include "tasks.h"

// 0 free, 1 locked, 2 locked and somebody may wait.
typedef struct { uint32_t word; } Lock;
typedef struct { uint32_t sequence; } Condition;

static void futex(uint32_t* at, int operation, uint32_t value) { syscall(SYS_futex, at, operation, value, NULL, NULL, 0); }
static void lock(Lock* of) {
  uint32_t seen = 0;
  if (__atomic_compare_exchange_n(&of->word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  if (seen != 2) seen = __atomic_exchange_n(&of->word, 2, __ATOMIC_ACQUIRE);
  while (seen != 0) {
    futex(&of->word, FUTEX_WAIT, 2);
    seen = __atomic_exchange_n(&of->word, 2, __ATOMIC_ACQUIRE);
  }
}
static void unlock(Lock* of) {
  if (__atomic_exchange_n(&of->word, 0, __ATOMIC_RELEASE) == 2) futex(&of->word, FUTEX_WAKE, 1);
}
static void wait_on(Condition* condition, Lock* held) {
  const uint32_t seen = __atomic_load_n(&condition->sequence, __ATOMIC_RELAXED);
  unlock(held);
  futex(&condition->sequence, FUTEX_WAIT, seen);
  lock(held);
}
static void wake_all(Condition* condition) {
  __atomic_add_fetch(&condition->sequence, 1, __ATOMIC_RELAXED);
  futex(&condition->sequence, FUTEX_WAKE, INT_MAX);
}

enum { kThreads = 32, kRounds = 400, kSlots = 4, kItems = 100 };
typedef struct {
  Lock lock, queue_lock;
  Condition room, items;
  long counter;
  int queue[kSlots], first, used, produced;
  long long taken_sum;
  int taken;
} Shared;
static Shared* shared;

static void* counts(void* unused) {
  for (int i = 0; i < kRounds; ++i) {
    lock(&shared->lock);
    const long read = shared->counter;
    if (i % 64 == 0) sched_yield();
    shared->counter = read + 1;
    unlock(&shared->lock);
  }
  return unused;
}
static void* queues(void* index) {
  const int producer = (long)index % 2 == 0;
  for (int i = 0; i < kItems; ++i) {
    lock(&shared->queue_lock);
    if (producer) {
      while (shared->used == kSlots) wait_on(&shared->room, &shared->queue_lock);
      shared->queue[(shared->first + shared->used++) % kSlots] = shared->produced++;
      wake_all(&shared->items);
    } else {
      while (shared->used == 0) wait_on(&shared->items, &shared->queue_lock);
      shared->taken_sum += shared->queue[shared->first];
      shared->first = (shared->first + 1) % kSlots, --shared->used, ++shared->taken;
      wake_all(&shared->room);
    }
    unlock(&shared->queue_lock);
  }
  return NULL;
}
static void run(int number, void* (*function)(void*)) {
  pthread_t threads[kThreads];
  for (long i = 0; i < number; ++i) pthread_create(&threads[i], NULL, function, (void*)i);
  for (int i = 0; i < number; ++i) pthread_join(threads[i], NULL);
}

int main(void) {
  shared = shared_memory(sizeof *shared);
  run(kThreads, counts);
  SHOW(shared->counter);
  run(8, queues);
  printf("produced %d, taken %d, sum %lld, left %d\n", shared->produced, shared->taken, shared->taken_sum, shared->used);

  memset(shared, 0, sizeof *shared);
  for (int process = 0; process < 4; ++process) {
    if (fork_flushed() != 0) continue;
    run(8, counts);
    queues((void*)(long)process);
    _exit(0);
  }
  while (wait(NULL) > 0) {}
  SHOW(shared->counter);
  printf("produced %d, taken %d, sum %lld, left %d\n", shared->produced, shared->taken, shared->taken_sum, shared->used);
  return 0;
}
