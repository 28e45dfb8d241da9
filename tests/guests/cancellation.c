// pthread_cancel: at a cancellation point, deferred, disabled, asynchronous; cleanup handlers, and what a wait leaves behind.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static sem_t ready, never;
static int ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static char log_text[100];
static volatile unsigned long spins;

static void note(void* text) { strcat(log_text, text); }
static void unlock(void* at) { sprintf(log_text + strlen(log_text), "unlock %d ", pthread_mutex_unlock(at)); }

static void* blocks_in_pause(void* unused) { sem_post(&ready); for (;;) pause(); return unused; }
static void* blocks_in_read(void* unused) { char byte; sem_post(&ready); read(ends[0], &byte, 1); return unused; }
static void* blocks_in_sleep(void* unused) { sem_post(&ready); sleep(1000); return unused; }
static void* blocks_in_semaphore(void* unused) { sem_post(&ready); sem_wait(&never); return unused; }
static void* blocks_in_join(void* thread) { sem_post(&ready); pthread_join(*(pthread_t*)thread, NULL); return NULL; }
static void* blocks_in_wait(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(unlock, &mutex);
  sem_post(&ready);
  for (;;) pthread_cond_wait(&condition, &mutex);
  pthread_cleanup_pop(0);
  return unused;
}
static void* cleans_up(void* unused) {
  pthread_cleanup_push(note, "outer ");
  pthread_cleanup_push(note, "popped ");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(note, "never ");
  pthread_cleanup_pop(0);
  pthread_cleanup_push(note, "inner ");
  sem_post(&ready);
  for (;;) pause();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return unused;
}
static void* disables(void* unused) {
  int old, type;
  GIVES(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  GIVES(pthread_setcancelstate(17, &old));
  GIVES(pthread_setcanceltype(17, &type));
  SHOW(old == PTHREAD_CANCEL_ENABLE);
  sem_post(&ready);
  sem_wait(&never);  // posted after the cancellation, which waits
  usleep(1);
  pthread_testcancel();
  note("survived ");
  pthread_setcancelstate(old, NULL);
  note("enabled ");
  pthread_testcancel();
  note("never ");
  return unused;
}
static void* spins_deferred(void* unused) {
  sem_post(&ready);
  sem_wait(&never);
  while (spins == 0) {}
  return unused;  // no cancellation point after the cancellation
}
static void* spins_asynchronously(void* unused) {
  int type;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
  sem_post(&ready);
  for (;;) ++spins;
  return unused;
}
static void cancel(const char* what, void* (*function)(void*), void* argument) {
  pthread_t thread;
  log_text[0] = 0;
  pthread_create(&thread, NULL, function, argument);
  sem_wait(&ready);
  const int got = pthread_cancel(thread);
  if (function == disables) sem_post(&never);
  void* result;
  pthread_join(thread, &result);
  printf("%s: cancel %d, result %s, %s\n", what, got, result == PTHREAD_CANCELED ? "canceled" : "other", log_text);
}

int main(void) {
  sem_init(&ready, 0, 0), sem_init(&never, 0, 0);
  pipe(ends);
  cancel("pause", blocks_in_pause, NULL);
  cancel("read", blocks_in_read, NULL);
  cancel("sleep", blocks_in_sleep, NULL);
  cancel("semaphore", blocks_in_semaphore, NULL);
  cancel("condition", blocks_in_wait, NULL);
  GIVES(pthread_mutex_trylock(&mutex));
  cancel("cleanup", cleans_up, NULL);
  cancel("disabled", disables, NULL);
  cancel("asynchronous", spins_asynchronously, NULL);
  pthread_t waits;
  pthread_create(&waits, NULL, blocks_in_pause, NULL);
  sem_wait(&ready);
  cancel("join", blocks_in_join, &waits);
  GIVES(pthread_cancel(waits));
  GIVES(pthread_join(waits, NULL));
  // Deferred: without a point, nothing happens.
  spins = 0;
  pthread_create(&waits, NULL, spins_deferred, (void*)5);
  sem_wait(&ready);
  sem_post(&never);
  int value = 1;
  while (value != 0) sched_yield(), sem_getvalue(&never, &value);
  for (int i = 0; i < 5; ++i) pause_briefly();
  void* result;
  GIVES(pthread_cancel(waits));
  spins = 1;
  GIVES(pthread_join(waits, &result));
  SHOW(result);
  return 0;
}
