// Producers and consumers over a small buffer, three ways: mutex and conditions, semaphores, and a pipe; every item exactly once.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

enum { kProducers = 4, kConsumers = 3, kItems = 300, kSlots = 5, kAll = kProducers * kItems };
static int slots[kSlots], first, used, seen[kAll], way, ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t room = PTHREAD_COND_INITIALIZER, items = PTHREAD_COND_INITIALIZER;
static sem_t free_slots, full_slots;

static void put(int item) {
  if (way == 2) {
    write(ends[1], &item, sizeof item);
    return;
  }
  if (way == 1) sem_wait(&free_slots);
  pthread_mutex_lock(&mutex);
  while (way == 0 && used == kSlots) pthread_cond_wait(&room, &mutex);
  slots[(first + used++) % kSlots] = item;
  if (way == 0) pthread_cond_signal(&items);
  pthread_mutex_unlock(&mutex);
  if (way == 1) sem_post(&full_slots);
}
static int take(void) {
  int item = -1;
  if (way == 2) return read(ends[0], &item, sizeof item) == sizeof item ? item : -1;
  if (way == 1) sem_wait(&full_slots);
  pthread_mutex_lock(&mutex);
  while (way == 0 && used == 0) pthread_cond_wait(&items, &mutex);
  item = slots[first];
  first = (first + 1) % kSlots, --used;
  if (way == 0) pthread_cond_signal(&room);
  pthread_mutex_unlock(&mutex);
  if (way == 1) sem_post(&free_slots);
  return item;
}
static void* produces(void* index) {
  for (int i = 0; i < kItems; ++i) put((int)(long)index * kItems + i);
  return NULL;
}
static void* consumes(void* unused) {
  (void)unused;
  long taken = 0;
  for (int item; (item = take()) >= 0; ++taken) __atomic_add_fetch(&seen[item], 1, __ATOMIC_SEQ_CST);
  return (void*)taken;
}

int main(void) {
  static const char* const names[] = {"conditions", "semaphores", "pipe"};
  sem_init(&free_slots, 0, kSlots), sem_init(&full_slots, 0, 0);
  pipe(ends);
  for (way = 0; way < 3; ++way) {
    memset(seen, 0, sizeof seen);
    pthread_t producers[kProducers], consumers[kConsumers];
    for (int i = 0; i < kConsumers; ++i) pthread_create(&consumers[i], NULL, consumes, NULL);
    for (long i = 0; i < kProducers; ++i) pthread_create(&producers[i], NULL, produces, (void*)i);
    for (int i = 0; i < kProducers; ++i) pthread_join(producers[i], NULL);
    for (int i = 0; i < kConsumers; ++i) put(-1);  // the end, for each of them
    long taken = 0;
    for (int i = 0; i < kConsumers; ++i) {
      void* result;
      pthread_join(consumers[i], &result);
      taken += (long)result;
    }
    int once = 0;
    for (int i = 0; i < kAll; ++i) once += seen[i] == 1;
    printf("%s: taken %ld, once %d, left %d\n", names[way], taken, once, used);
  }
  return 0;
}
