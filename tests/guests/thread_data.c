// What is each thread's own: __thread variables, specific data with destructors, errno, and pthread_once for what is everybody's.
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include "tasks.h"

static __thread int initialised = 42, zero;
static __thread char text[40] = "initial";
static __thread struct { double numbers[8]; } aligned __attribute__((aligned(64))) = {{1.5, 2.5}};
static pthread_key_t key, other_key, stubborn;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_runs, destroyed_sum, stubborn_runs, destroyed[10];

static void destroy(void* value) {
  __atomic_add_fetch(&destroyed_sum, (int)(long)value, __ATOMIC_SEQ_CST);
  ++destroyed[(long)value];
  if (pthread_getspecific(key) != NULL) destroyed[9] = 1;  // it was set to null before
}
static void destroy_again(void* value) {
  ++stubborn_runs;
  pthread_setspecific(stubborn, value);  // comes round again, but not for ever
}
static void init(void) {
  for (int i = 0; i < 3; ++i) sched_yield();
  __atomic_add_fetch(&once_runs, 1, __ATOMIC_SEQ_CST);
}
static int fresh(void) {
  return initialised == 42 && zero == 0 && strcmp(text, "initial") == 0 && aligned.numbers[1] == 2.5 && ((unsigned long)&aligned & 63) == 0;
}
static void* works(void* index) {
  const int me = (int)(long)index;
  long good = fresh() && pthread_getspecific(key) == NULL && errno == 0;
  pthread_once(&once, init);
  good = good && once_runs == 1;
  pthread_setspecific(key, (void*)(long)(me + 1));
  initialised += me, zero = me, sprintf(text, "thread %d", me), aligned.numbers[1] = me;
  errno = 1000 + me;
  for (int i = 0; i < 5; ++i) sched_yield();
  char expected[20];
  sprintf(expected, "thread %d", me);
  good = good && errno == 1000 + me && initialised == 42 + me && zero == me && strcmp(text, expected) == 0 && aligned.numbers[1] == me;
  return (void*)(long)(good && pthread_getspecific(key) == (void*)(long)(me + 1));
}
static void* uses_stubborn(void* unused) {
  pthread_setspecific(stubborn, (void*)1);
  pthread_setspecific(other_key, (void*)1);  // no destructor
  return unused;
}

int main(void) {
  GIVES(pthread_key_create(&key, destroy));
  GIVES(pthread_key_create(&other_key, NULL));
  GIVES(pthread_key_create(&stubborn, destroy_again));
  pthread_setspecific(key, (void*)7);
  pthread_t threads[8];
  for (long i = 0; i < 8; ++i) pthread_create(&threads[i], NULL, works, (void*)i);
  int good = 0;
  for (int i = 0; i < 8; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    good += (int)(long)result;
  }
  printf("good %d, once %d, destroyed %d\n", good, once_runs, destroyed_sum);
  SHOW(destroyed[9]);
  SHOW(pthread_getspecific(key));
  SHOW(fresh());
  pthread_create(&threads[0], NULL, uses_stubborn, NULL);
  pthread_join(threads[0], NULL);
  SHOW(stubborn_runs == PTHREAD_DESTRUCTOR_ITERATIONS);
  GIVES(pthread_key_delete(key));
  GIVES(pthread_key_delete(key));
  GIVES(pthread_setspecific(key, (void*)1));
  SHOW(pthread_getspecific(key));
  int keys = 0;
  for (pthread_key_t each; pthread_key_create(&each, NULL) == 0 && keys < 5000;) ++keys;
  SHOW(keys > 900 && keys < PTHREAD_KEYS_MAX);
  // After fork the child has the copy of the thread that forked.
  initialised = 5;
  const pid_t child = fork_flushed();
  if (child == 0) {
    SHOW(initialised);
    pthread_create(&threads[0], NULL, works, (void*)3);
    void* result;
    pthread_join(threads[0], &result);
    _exit(initialised == 5 ? 0 : 1);
  }
  show_end("child", child);
  return 0;
}
