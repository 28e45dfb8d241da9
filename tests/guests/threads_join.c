// pthreads: create, join, detach and exit; return values; stacks as asked for; what joining refuses.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static pthread_t main_thread;
static sem_t go, done;
static volatile int cleaned;

static void* doubles(void* at) {
  long* const number = at;
  *number *= 2;
  return at;
}
static void cleanup(void* by) { cleaned += (int)(long)by; }
static void deeper(void) { pthread_exit((void*)77); }
static void* exits(void* unused) {
  pthread_cleanup_push(cleanup, (void*)1);
  pthread_cleanup_push(cleanup, (void*)10);
  deeper();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return unused;
}
static void* waits(void* posts) {
  sem_wait(&go);
  if (posts != NULL) sem_post(&done);
  return NULL;
}
static void* starts_more(void* depth) {
  if (depth == NULL) return NULL;
  pthread_t below;
  pthread_create(&below, NULL, starts_more, (char*)depth - 1);
  void* result;
  pthread_join(below, &result);
  return (char*)result + (long)depth;
}
static void* joins_itself(void* unused) {
  GIVES(pthread_join(pthread_self(), NULL));
  GIVES(pthread_detach(pthread_self()));
  GIVES(pthread_join(pthread_self(), NULL));
  sem_post(&done);
  return unused;
}
static void* on_given_stack(void* limits) {
  char here[1000];
  char** const range = limits;
  const char* volatile const at = here;
  return (void*)(long)(at >= range[0] && at < range[1]);
}

int main(void) {
  main_thread = pthread_self();
  sem_init(&go, 0, 0), sem_init(&done, 0, 0);
  pthread_t threads[16];
  long numbers[16];
  for (int i = 0; i < 16; ++i) numbers[i] = i, pthread_create(&threads[i], NULL, doubles, &numbers[i]);
  long sum = 0;
  for (int i = 15; i >= 0; --i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    sum = sum * 3 + *(long*)result;
  }
  SHOW(sum);
  for (int i = 0; i < 200; ++i) pthread_create(&threads[0], NULL, doubles, &numbers[0]), pthread_join(threads[0], NULL);
  SHOW(numbers[0]);

  void* result;
  pthread_create(&threads[0], NULL, exits, NULL);
  GIVES(pthread_join(threads[0], &result));
  SHOW(result);
  SHOW(cleaned);
  pthread_create(&threads[0], NULL, starts_more, (void*)10);
  GIVES(pthread_join(threads[0], &result));
  SHOW(result);

  GIVES(pthread_join(pthread_self(), NULL));
  pthread_create(&threads[0], NULL, waits, NULL);
  GIVES(pthread_tryjoin_np(threads[0], NULL));
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 2000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, ++soon.tv_sec;
  GIVES(pthread_timedjoin_np(threads[0], NULL, &soon));
  sem_post(&go);
  GIVES(pthread_join(threads[0], &result));

  pthread_create(&threads[0], NULL, waits, (void*)1);
  GIVES(pthread_detach(threads[0]));
  GIVES(pthread_detach(threads[0]));
  GIVES(pthread_join(threads[0], NULL));
  sem_post(&go);
  sem_wait(&done);
  pthread_create(&threads[0], NULL, joins_itself, NULL);
  sem_wait(&done);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  enum { kStack = 1 << 18 };
  char* const stack = mmap(NULL, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  GIVES(pthread_attr_setstack(&attributes, stack, kStack));
  char* range[2] = {stack, stack + kStack};
  GIVES(pthread_create(&threads[0], &attributes, on_given_stack, range));
  GIVES(pthread_join(threads[0], &result));
  SHOW(result);
  GIVES(pthread_attr_setstacksize(&attributes, 1));
  pthread_attr_init(&attributes);
  GIVES(pthread_attr_setstacksize(&attributes, (size_t)1 << 60));
  GIVES(pthread_create(&threads[0], &attributes, doubles, NULL));
  GIVES(pthread_attr_setdetachstate(&attributes, 17));
  SHOW(pthread_equal(main_thread, pthread_self()) != 0);
  return 0;
}
