// Robust mutexes: the next to lock learns that the owner died; made consistent or lost for good; dead threads and dead processes.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

typedef struct { pthread_mutex_t mutex[4]; volatile int locked, value; } Shared;
static Shared* shared;

static void* locks(void* mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}
static void* locks_three(void* unused) {
  for (int i = 0; i < 3; ++i) pthread_mutex_lock(&shared->mutex[i]);
  pthread_mutex_unlock(&shared->mutex[1]);
  return unused;
}
static void* waits(void* mutex) { return (void*)(long)pthread_mutex_lock(mutex); }
static void in_thread(void* (*function)(void*), void* argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, function, argument);
  pthread_join(thread, NULL);
}
static void make(int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_settype(&attributes, type);
  for (int i = 0; i < 4; ++i) if (pthread_mutex_init(&shared->mutex[i], &attributes) != 0) puts("init failed");
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) return 2;  // the program that an owner becomes
  shared = shared_memory(sizeof *shared);
  static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK};
  for (int type = 0; type < 3; ++type) {
    make(types[type]);
    pthread_mutex_t* const mutex = shared->mutex;
    in_thread(locks, &mutex[0]);
    GIVES(pthread_mutex_lock(&mutex[0]));
    GIVES(pthread_mutex_consistent(&mutex[0]));
    GIVES(pthread_mutex_unlock(&mutex[0]));
    GIVES(pthread_mutex_lock(&mutex[0]));
    GIVES(pthread_mutex_consistent(&mutex[0]));
    GIVES(pthread_mutex_unlock(&mutex[0]));
    // Several at once; one of them was unlocked in time.
    in_thread(locks_three, NULL);
    GIVES(pthread_mutex_trylock(&mutex[0]));
    GIVES(pthread_mutex_trylock(&mutex[1]));
    GIVES(pthread_mutex_lock(&mutex[2]));
    GIVES(pthread_mutex_consistent(&mutex[2]));
    GIVES(pthread_mutex_unlock(&mutex[2]));
    // Unlocked without being made consistent: nobody gets it any more.
    GIVES(pthread_mutex_unlock(&mutex[0]));
    GIVES(pthread_mutex_lock(&mutex[0]));
    in_thread(locks, &mutex[0]);
    GIVES(pthread_mutex_lock(&mutex[0]));
    GIVES(pthread_mutex_unlock(&mutex[1]));

    // A process that dies with it: by _exit, by a signal, by execve.
    for (int how = 0; how < 3; ++how) {
      const pid_t child = fork_flushed();
      if (child == 0) {
        pthread_mutex_lock(&mutex[3]);
        shared->value = how;
        if (how == 0) _exit(1);
        if (how == 1) raise(SIGKILL);
        execl("/proc/self/exe", "self", "again", NULL);
      }
      show_end("owner", child);
      GIVES(pthread_mutex_lock(&mutex[3]));
      SHOW(shared->value);
      GIVES(pthread_mutex_consistent(&mutex[3]));
      GIVES(pthread_mutex_unlock(&mutex[3]));
      if (type != 0) break;
    }
  }
  // One that waits is woken by the owner's death.
  make(PTHREAD_MUTEX_NORMAL);
  shared->locked = 0;
  const pid_t child = fork_flushed();
  if (child == 0) {
    pthread_mutex_lock(&shared->mutex[0]);
    shared->locked = 1;
    for (;;) pause();
  }
  while (shared->locked == 0) pause_briefly();
  GIVES(pthread_mutex_trylock(&shared->mutex[0]));
  pthread_t thread;
  pthread_create(&thread, NULL, waits, &shared->mutex[0]);
  for (int i = 0; i < 5; ++i) pause_briefly();
  kill(child, SIGKILL);
  void* result;
  pthread_join(thread, &result);
  printf("waiter: %s\n", strerrorname_np((int)(long)result));
  show_end("owner", child);
  return 0;
}
