// Barriers, reader-writer locks and spin locks: phases, exclusion, trying and timing out, and what they refuse.
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

enum { kThreads = 5, kPhases = 20 };
static pthread_barrier_t barrier;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static int cells[kThreads], wrong, serial;
static long a, b, torn, spun;

static void* in_phases(void* index) {
  const int me = (int)(long)index;
  for (int phase = 1; phase <= kPhases; ++phase) {
    cells[me] = phase;
    const int got = pthread_barrier_wait(&barrier);
    if (got == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < kThreads; ++i) if (__atomic_load_n(&cells[i], __ATOMIC_SEQ_CST) != phase) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}
static void* reads_and_writes(void* index) {
  for (int i = 0; i < 500; ++i) {
    if ((i + (int)(long)index) % 5 == 0) {
      pthread_rwlock_wrlock(&lock);
      ++a;
      if (i % 50 == 0) sched_yield();
      ++b;
      pthread_rwlock_unlock(&lock);
    } else {
      pthread_rwlock_rdlock(&lock);
      if (__atomic_load_n(&a, __ATOMIC_RELAXED) != __atomic_load_n(&b, __ATOMIC_RELAXED)) __atomic_add_fetch(&torn, 1, __ATOMIC_SEQ_CST);
      pthread_rwlock_unlock(&lock);
    }
  }
  return NULL;
}
static void* spins(void* unused) {
  for (int i = 0; i < 500; ++i) {
    pthread_spin_lock(&spin);
    ++spun;
    pthread_spin_unlock(&spin);
  }
  return unused;
}
static void* tries(void* unused) {
  struct timespec past = {1, 0}, invalid = {1, -1};
  const int got = pthread_rwlock_tryrdlock(&lock);
  printf("tryrdlock %s\n", got == 0 ? "0" : strerrorname_np(got));
  if (got == 0) pthread_rwlock_unlock(&lock);
  GIVES(pthread_rwlock_trywrlock(&lock));
  GIVES(pthread_rwlock_timedwrlock(&lock, &past));
  GIVES(pthread_rwlock_timedwrlock(&lock, &invalid));
  struct timespec soon;
  clock_gettime(CLOCK_MONOTONIC, &soon);
  GIVES(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &soon));
  return unused;
}
static void run(int number, void* (*function)(void*)) {
  pthread_t threads[kThreads];
  for (long i = 0; i < number; ++i) pthread_create(&threads[i], NULL, function, (void*)i);
  for (int i = 0; i < number; ++i) pthread_join(threads[i], NULL);
}

int main(void) {
  GIVES(pthread_barrier_init(&barrier, NULL, 0));
  GIVES(pthread_barrier_init(&barrier, NULL, kThreads));
  run(kThreads, in_phases);
  printf("serial %d wrong %d\n", serial, wrong);
  GIVES(pthread_barrier_destroy(&barrier));
  GIVES(pthread_barrier_init(&barrier, NULL, 1));
  SHOW(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);

  run(kThreads, reads_and_writes);
  printf("written %ld %ld, torn %ld\n", a, b, torn);
  GIVES(pthread_rwlock_rdlock(&lock));
  GIVES(pthread_rwlock_rdlock(&lock));
  run(1, tries);
  GIVES(pthread_rwlock_unlock(&lock));
  GIVES(pthread_rwlock_unlock(&lock));
  GIVES(pthread_rwlock_wrlock(&lock));
  GIVES(pthread_rwlock_rdlock(&lock));
  GIVES(pthread_rwlock_wrlock(&lock));
  run(1, tries);
  GIVES(pthread_rwlock_unlock(&lock));

  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  run(3, spins);
  SHOW(spun);
  GIVES(pthread_spin_lock(&spin));
  GIVES(pthread_spin_trylock(&spin));
  GIVES(pthread_spin_unlock(&spin));
  GIVES(pthread_spin_trylock(&spin));

  // A barrier of two processes.
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  struct { pthread_barrier_t barrier; int value; } *const shared = shared_memory(4096);
  GIVES(pthread_barrier_init(&shared->barrier, &attributes, 2));
  const pid_t child = fork_flushed();
  int sum = 0;
  for (int i = 0; i < 50; ++i) {
    if (child == 0) shared->value = i;
    pthread_barrier_wait(&shared->barrier);
    sum += shared->value;
    pthread_barrier_wait(&shared->barrier);
  }
  if (child == 0) _exit(sum & 0x7f);
  show_end("child", child);
  SHOW(sum);
  return 0;
}
