// fork(2) in a process with threads: the child has only the one that forked; handlers of pthread_atfork; the library's locks stay usable.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static char text[200];
static volatile int stop;
static volatile long spins;
static __thread int local = 5;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void note(const char* what) { if (spins == 0) strcat(text, what); }
static void before(void) { note("prepare1 "); pthread_mutex_lock(&mutex); }
static void in_parent(void) { note("parent1 "); pthread_mutex_unlock(&mutex); }
static void in_child(void) { note("child1 "); pthread_mutex_unlock(&mutex); }
static void before_too(void) { note("prepare2 "); }
static void in_parent_too(void) { note("parent2 "); }
static void in_child_too(void) { note("child2 "); }

static void* allocates(void* unused) {
  while (!stop) {
    void* const some = malloc(100 + spins % 5000);
    ++spins;
    free(some);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}
static void* does_nothing(void* unused) { return unused; }
static void* forks(void* index) {
  local = (int)(long)index;
  const pid_t child = fork();
  if (child == 0) {
    // It may allocate, print and make threads although others held the locks at the fork.
    char* const some = malloc(10000);
    memset(some, 1, 10000);
    free(some);
    pthread_t thread;
    if (pthread_create(&thread, NULL, does_nothing, NULL) != 0 || pthread_join(thread, NULL) != 0) _exit(90);
    _exit(local == (int)(long)index && getpid() == gettid() && pthread_mutex_trylock(&mutex) == 0 ? 40 + local : 91);
  }
  int status;
  waitpid(child, &status, 0);
  return (void*)(long)WEXITSTATUS(status);
}

int main(void) {
  GIVES(pthread_atfork(before, in_parent, in_child));
  GIVES(pthread_atfork(before_too, in_parent_too, in_child_too));
  pid_t child = fork_flushed();
  if (child == 0) {
    puts(text);
    leave(0);
  }
  show_end("child", child);
  puts(text);
  text[0] = 0;
  child = fork_flushed();
  if (child == 0) {  // the main thread may go, and the new one is the process
    pthread_t thread;
    pthread_create(&thread, NULL, does_nothing, NULL);
    pthread_exit(NULL);
  }
  show_end("main thread gone", child);

  pthread_t busy[3];
  for (int i = 0; i < 3; ++i) pthread_create(&busy[i], NULL, allocates, NULL);
  while (spins < 100) pause_briefly();
  for (int round = 0; round < 5; ++round) {
    pthread_t forking[4];
    for (long i = 0; i < 4; ++i) pthread_create(&forking[i], NULL, forks, (void*)i);
    int sum = 0;
    for (int i = 0; i < 4; ++i) {
      void* result;
      pthread_join(forking[i], &result);
      sum += (int)(long)result;
    }
    printf("round %d: %d\n", round, sum);
  }
  stop = 1;
  for (int i = 0; i < 3; ++i) pthread_join(busy[i], NULL);
  TRY(wait(NULL));
  return 0;
}
