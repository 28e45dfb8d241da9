// Children and threads: any thread may wait for any child of the process; each child is collected once; a thread's end leaves its children.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

enum { kThreads = 5, kChildren = 12 };
static volatile int collected, code_sum, no_child;

static void* has_children(void* index) {
  const int me = (int)(long)index;
  int right = 0;
  for (int i = 0; i < kChildren; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(me * 20 + i);
    int status;
    right += waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == me * 20 + i;
  }
  return (void*)(long)right;
}
static void* collects_any(void* unused) {
  int status;
  while (wait(&status) > 0) {
    __atomic_add_fetch(&collected, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&code_sum, WEXITSTATUS(status), __ATOMIC_SEQ_CST);
  }
  __atomic_add_fetch(&no_child, errno == ECHILD, __ATOMIC_SEQ_CST);
  return unused;
}
static void* makes_one(void* at) {
  *(pid_t*)at = fork();
  if (*(pid_t*)at == 0) {
    const pid_t parent = getppid();
    for (int i = 0; i < 3; ++i) pause_briefly();  // the thread is gone by now, or not: the process is the parent
    _exit(getppid() == parent ? 33 : 34);
  }
  return NULL;
}
static void* makes_heir(void* at) {
  int ends[2];
  pipe(ends);
  *(pid_t*)at = fork();
  if (*(pid_t*)at == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    write(ends[1], "", 1);
    for (;;) pause();
  }
  char byte;
  read(ends[0], &byte, 1);
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  fflush(stdout);
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, has_children, (void*)i);
  int right = 0;
  for (int i = 0; i < kThreads; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    right += (int)(long)result;
  }
  SHOW(right);

  fflush(stdout);
  int hold[2];
  pipe(hold);
  for (int i = 0; i < 30; ++i) {
    if (fork() != 0) continue;
    char byte;
    close(hold[1]);
    read(hold[0], &byte, 1);
    _exit(i);
  }
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, collects_any, NULL);
  close(hold[1]);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("collected %d, sum %d, without a child in the end %d\n", collected, code_sum, no_child);

  pid_t child;
  pthread_create(&threads[0], NULL, makes_one, &child);
  pthread_join(threads[0], NULL);
  show_end("its maker is gone", child);
  // The parent's death signal is sent when the thread ends that made the child.
  pthread_create(&threads[0], NULL, makes_heir, &child);
  pthread_join(threads[0], NULL);
  show_end("its maker's death", child);
  TRY(wait(NULL));
  return 0;
}
