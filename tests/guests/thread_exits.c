// How a process of several threads ends: which status counts when the main thread goes first, and what exit_group ends.
//: args pthread_exit
//: args return
//: args exit-from-thread
//: args raw-exits
//: args raw-group-exit
//: args cancel-main
//: args signal-from-thread
//: args last-raw-exit
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static const char* how;
static pthread_t main_thread;
static volatile int never;

static int is(const char* name) { return strcmp(how, name) == 0; }
static void at_exit(void) { printf("at exit, in the main thread: %d\n", getpid() == gettid()); }

static void* spins(void* unused) { while (!never) sched_yield(); return unused; }
static void* sleeps(void* unused) { for (;;) pause(); return unused; }

static void* goes_on(void* unused) {
  if (is("exit-from-thread")) exit(21);
  if (is("raw-group-exit")) puts("thread ends all"), fflush(stdout), syscall(SYS_exit_group, 23);
  if (is("signal-from-thread")) puts("thread raises"), fflush(stdout), no_core_file(), raise(SIGABRT);
  if (is("cancel-main")) pthread_cancel(main_thread);
  GIVES(pthread_join(main_thread, NULL));
  SHOW(getpid() != gettid());
  SHOW(kill(getpid(), 0));
  if (is("raw-exits")) puts("thread ends itself"), fflush(stdout), syscall(SYS_exit, 24);
  return unused;  // the last thread to end by returning ends the process by exit(0)
}
static void* ends_itself(void* unused) { syscall(SYS_exit, 33); return unused; }

int main(int argc, char** argv) {
  how = argc > 1 ? argv[1] : "";
  atexit(at_exit);
  main_thread = pthread_self();
  pthread_t thread;
  if (is("last-raw-exit")) {  // the thread goes first: the main thread's own code counts
    pthread_create(&thread, NULL, ends_itself, NULL);
    GIVES(pthread_join(thread, NULL));
    fflush(stdout);
    syscall(SYS_exit, 34);
  }
  if (is("return") || is("exit-from-thread") || is("raw-group-exit")) {
    for (int i = 0; i < 4; ++i) pthread_create(&thread, NULL, i % 2 ? spins : sleeps, NULL);
  }
  if (is("return")) return 20;
  pthread_create(&thread, NULL, goes_on, NULL);
  if (is("pthread_exit")) pthread_exit((void*)22);
  if (is("raw-exits")) syscall(SYS_exit, 24);
  for (;;) pause();
}
