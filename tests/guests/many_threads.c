// Thirty-two threads at once: a counter under each kind of protection, all of them in a barrier, and all of them gone again.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

enum { kThreads = 32, kRounds = 1500 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static long guarded, spun, added, exchanged, own[kThreads], bits[kThreads];
static __thread long local;

static void* counts(void* index) {
  const long me = (long)index;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < kRounds; ++i) {
    pthread_mutex_lock(&mutex);
    ++guarded;
    pthread_mutex_unlock(&mutex);
    if (i % 10 == 0) {
      pthread_spin_lock(&spin);
      ++spun;
      pthread_spin_unlock(&spin);
    }
    __atomic_add_fetch(&added, me, __ATOMIC_RELAXED);
    long seen = __atomic_load_n(&exchanged, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&exchanged, &seen, seen + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
    __atomic_xor_fetch(&bits[(me + i) % kThreads], 1L << (me % 63), __ATOMIC_SEQ_CST);
    ++local;
    if (i % 300 == 0) sched_yield();
  }
  own[me] = local;
  return (void*)(me * 2);
}

int main(void) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  for (int round = 0; round < 2; ++round) {
    guarded = spun = added = exchanged = 0;
    pthread_barrier_init(&barrier, NULL, kThreads);
    pthread_t threads[kThreads];
    int made = 0;
    for (long i = 0; i < kThreads; ++i) made += pthread_create(&threads[i], NULL, counts, (void*)i) == 0;
    long results = 0, locals = 0;
    for (int i = 0; i < kThreads; ++i) {
      void* result;
      pthread_join(threads[i], &result);
      results += (long)result;
    }
    for (int i = 0; i < kThreads; ++i) locals += own[i] == kRounds;
    printf("%d threads: %ld %ld %ld %ld, results %ld, locals %ld\n", made, guarded, spun, added, exchanged, results, locals);
    pthread_barrier_destroy(&barrier);
  }
  long all = 0;
  for (int i = 0; i < kThreads; ++i) all |= bits[i];
  SHOW(all);  // both rounds flipped the same bits
  SHOW(local);
  return 0;
}
