// Mutexes: normal, recursive, error-checking, adaptive, process-shared; trying, timing out, and mutual exclusion.
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static pthread_mutex_t mutex;
static long counter;

static pthread_mutex_t make(int type, int protocol, int shared) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  pthread_mutexattr_setprotocol(&attributes, protocol);
  pthread_mutexattr_setpshared(&attributes, shared);
  pthread_mutex_t made;
  GIVES(pthread_mutex_init(&made, &attributes));
  return made;
}
static void* counts(void* unused) {
  for (int i = 0; i < 5000; ++i) {
    pthread_mutex_lock(&mutex);
    const long read = counter;
    if (i % 500 == 0) sched_yield();
    counter = read + 1;
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}
static void* tries(void* unused) {
  GIVES(pthread_mutex_trylock(&mutex));
  struct timespec past = {1, 0}, invalid = {1, 1000000000}, soon;
  GIVES(pthread_mutex_timedlock(&mutex, &past));
  GIVES(pthread_mutex_timedlock(&mutex, &invalid));
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 3000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, ++soon.tv_sec;
  GIVES(pthread_mutex_timedlock(&mutex, &soon));
  return unused;
}
static void in_thread(void* (*function)(void*)) {
  pthread_t thread;
  pthread_create(&thread, NULL, function, NULL);
  pthread_join(thread, NULL);
}
static void* unlocks(void* unused) {
  GIVES(pthread_mutex_unlock(&mutex));
  return unused;
}

int main(void) {
  static const struct { const char* name; int type, protocol, shared; } kinds[] = {
    {"normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0},
    {"recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, 0},
    {"error-checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 0},
    {"adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE, 0},
    {"process-shared", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 1},
  };
  for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; ++kind) {
    printf("%s\n", kinds[kind].name);
    mutex = make(kinds[kind].type, kinds[kind].protocol, kinds[kind].shared);
    GIVES(pthread_mutex_lock(&mutex));
    GIVES(pthread_mutex_trylock(&mutex));
    in_thread(tries);
    if (kinds[kind].type == PTHREAD_MUTEX_ERRORCHECK) GIVES(pthread_mutex_lock(&mutex));
    if (kinds[kind].type == PTHREAD_MUTEX_ERRORCHECK || kinds[kind].type == PTHREAD_MUTEX_RECURSIVE) in_thread(unlocks);
    if (kinds[kind].type == PTHREAD_MUTEX_RECURSIVE) {
      GIVES(pthread_mutex_lock(&mutex));
      GIVES(pthread_mutex_unlock(&mutex));
      GIVES(pthread_mutex_unlock(&mutex));
    }
    GIVES(pthread_mutex_destroy(&mutex));
    GIVES(pthread_mutex_unlock(&mutex));
    if (kinds[kind].type == PTHREAD_MUTEX_ERRORCHECK) GIVES(pthread_mutex_unlock(&mutex));
    counter = 0;
    pthread_t threads[4];
    for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, counts, NULL);
    for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
    SHOW(counter);
    GIVES(pthread_mutex_destroy(&mutex));
  }
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  GIVES(pthread_mutexattr_settype(&attributes, 17));
  GIVES(pthread_mutexattr_setprotocol(&attributes, 17));
  GIVES(pthread_mutexattr_setpshared(&attributes, 17));
  return 0;
}
