// Signals and threads: each has its mask, one directed at the process goes to a thread that does not block it, and dispositions are everybody's.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

enum { kThreads = 4 };
static __thread int me;
static sem_t ready, handled;
static volatile int by[kThreads + 1], quit;

static void handler(int number) {
  (void)number;
  ++by[me];
  sem_post(&handled);
}
static void* waits(void* index) {
  me = (int)(long)index;
  sigset_t own;
  sigemptyset(&own), sigaddset(&own, SIGUSR1);
  if (me == 3) pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  sem_post(&ready);
  while (!quit) {
    sigset_t some;
    pthread_sigmask(SIG_SETMASK, NULL, &some);
    sigdelset(&some, SIGUSR2);
    sigsuspend(&some);
  }
  return NULL;
}
static void* inherits(void* unused) {
  sigset_t mask, pending;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  printf("new thread: blocked USR1 %d TERM %d, pending USR1 %d TERM %d\n", sigismember(&mask, SIGUSR1), sigismember(&mask, SIGTERM),
         sigismember(&pending, SIGUSR1), sigismember(&pending, SIGTERM));
  stack_t stack;
  sigaltstack(NULL, &stack);
  SHOW(stack.ss_flags == SS_DISABLE);
  signal(SIGHUP, SIG_IGN);
  return unused;
}
static void* takes(void* unused) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGTERM), sigaddset(&set, 40);
  siginfo_t info;
  sem_post(&ready);
  for (int i = 0; i < 3; ++i) {
    printf("took %d", sigwaitinfo(&set, &info));
    printf(" value %d\n", info.si_code == SI_QUEUE ? info.si_value.sival_int : -1);
    sem_post(&handled);
  }
  return unused;
}

int main(void) {
  default_signals();
  sem_init(&ready, 0, 0), sem_init(&handled, 0, 0);
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL), sigaction(SIGUSR2, &action, NULL);
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1), sigaddset(&blocked, SIGUSR2), sigaddset(&blocked, SIGTERM), sigaddset(&blocked, 40);
  GIVES(pthread_sigmask(SIG_BLOCK, &blocked, NULL));
  GIVES(pthread_sigmask(17, &blocked, NULL));

  // A thread inherits the mask and the process's pending signals, not those of the thread that makes it.
  pthread_t threads[kThreads + 1];
  raise(SIGUSR1);            // pending for this thread
  kill(getpid(), SIGTERM);   // pending for the process
  pthread_create(&threads[0], NULL, inherits, NULL);
  pthread_join(threads[0], NULL);
  struct sigaction now;
  sigaction(SIGHUP, NULL, &now);
  SHOW(now.sa_handler == SIG_IGN);
  sigset_t only;
  sigemptyset(&only), sigaddset(&only, SIGUSR1), sigaddset(&only, SIGTERM);
  for (int i = 0; i < 2; ++i) SHOW(sigtimedwait(&only, NULL, &(struct timespec){0, 0}));

  for (long i = 1; i <= kThreads; ++i) pthread_create(&threads[i], NULL, waits, (void*)i), sem_wait(&ready);
  // Directed at one thread.
  for (int i = 1; i <= kThreads; ++i) for (int round = 0; round < i; ++round) pthread_kill(threads[i], SIGUSR2), sem_wait(&handled);
  // Directed at the process: only the third does not block it.
  for (int i = 0; i < 10; ++i) kill(getpid(), SIGUSR1), sem_wait(&handled);
  printf("handled by: %d %d %d %d %d\n", by[0], by[1], by[2], by[3], by[4]);
  GIVES(pthread_kill(threads[1], 0));
  GIVES(pthread_kill(threads[1], 65));
  GIVES(pthread_kill(threads[1], 32));
  // Pending for another thread: not to be seen here.
  GIVES(pthread_kill(threads[1], SIGUSR1));
  sigset_t pending;
  sigpending(&pending);
  SHOW(sigismember(&pending, SIGUSR1));
  quit = 1;
  for (int i = 1; i <= kThreads; ++i) pthread_kill(threads[i], SIGUSR2), pthread_join(threads[i], NULL);

  // sigwaitinfo in a thread takes what is sent to the process and to it.
  sem_init(&handled, 0, 0);
  pthread_create(&threads[1], NULL, takes, NULL);
  sem_wait(&ready);
  kill(getpid(), SIGTERM), sem_wait(&handled);
  sigqueue(getpid(), 40, (union sigval){.sival_int = 4}), sem_wait(&handled);
  pthread_sigqueue(threads[1], SIGTERM, (union sigval){.sival_int = 5}), sem_wait(&handled);
  pthread_join(threads[1], NULL);

  // Any thread's default action is the process's.
  fflush(stdout);
  const pid_t child = fork_flushed();
  if (child == 0) {
    quit = 0;
    pthread_create(&threads[1], NULL, waits, (void*)1);
    pthread_kill(threads[1], SIGINT);
    for (;;) pause();
  }
  show_end("child", child);
  return 0;
}
