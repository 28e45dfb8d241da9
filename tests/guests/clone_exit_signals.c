// The signal that a child of clone(2) ends with, and which calls of wait find such a child: __WCLONE, __WALL, __WNOTHREAD.
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static pid_t child;

static pid_t start(int exit_signal, int code) {
  fflush(stdout);
  const pid_t started = (pid_t)raw_clone((unsigned long)exit_signal, NULL, NULL, NULL, NULL);
  if (started == 0) {
    if (code < 0) execl("/proc/self/exe", "self", "again", NULL);
    _exit(code);
  }
  return started;
}
static void show_wait(const char* what, int options) {
  int status = -1;
  const pid_t got = waitpid(child, &status, options);
  if (got == child) show_status(what, status);
  else printf("%s: %d %s\n", what, got, got < 0 ? strerrorname_np(errno) : "");
}
static void show_signal(int number) {
  sigset_t set;
  sigfillset(&set);
  siginfo_t info;
  const int got = sigtimedwait(&set, &info, &(struct timespec){number == 0 ? 0 : 20, 0});
  if (got < 0) printf("no signal: %s\n", strerrorname_np(errno));
  else printf("signal %d code %d status %d from child %d\n", got, info.si_code, info.si_status, info.si_pid == child);
}
static void* has_child(void* unused) {
  child = start(SIGCHLD, 6);
  return unused;
}
static void* waits_for_it(void* unused) {
  show_wait("another thread's, __WNOTHREAD", __WNOTHREAD);
  show_wait("another thread's", 0);
  return unused;
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) return 77;
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  static const int signals[] = {SIGCHLD, SIGUSR1, 50, 0};
  for (int i = 0; i < 4; ++i) {
    printf("exit signal %d\n", signals[i]);
    child = start(signals[i], 10 + i);
    if (signals[i] == SIGCHLD) show_wait("__WCLONE", __WCLONE);
    else show_wait("no option", 0);
    show_wait(signals[i] == SIGCHLD ? "no option" : "__WCLONE", signals[i] == SIGCHLD ? 0 : __WCLONE);
    show_signal(signals[i]);
    child = start(signals[i], 20 + i);
    show_wait("__WALL", __WALL);
    show_signal(signals[i]);
  }
  // waitid knows the options, too.
  child = start(SIGUSR2, 5);
  siginfo_t info;
  TRY(waitid(P_PID, (id_t)child, &info, WEXITED));
  TRY(waitid(P_PID, (id_t)child, &info, WEXITED | __WALL));
  SHOW(info.si_signo == SIGCHLD && info.si_status == 5);
  show_signal(SIGUSR2);
  // execve makes it an ordinary child.
  child = start(SIGUSR2, -1);
  sigset_t chld;
  sigemptyset(&chld), sigaddset(&chld, SIGCHLD);
  SHOW(sigwaitinfo(&chld, &info));
  show_wait("after execve", 0);
  // SIGCHLD's being ignored does not matter to the others.
  signal(SIGCHLD, SIG_IGN), signal(SIGUSR1, SIG_IGN);
  child = start(SIGUSR1, 9);
  show_wait("ignored", __WALL);
  signal(SIGCHLD, SIG_DFL);

  // Children belong to the process, but __WNOTHREAD asks for those of the thread only.
  pthread_t thread;
  child = start(SIGCHLD, 3);
  pthread_create(&thread, NULL, waits_for_it, NULL);
  pthread_join(thread, NULL);
  pthread_create(&thread, NULL, has_child, NULL);
  pthread_join(thread, NULL);
  show_wait("of a thread that is gone", 0);
  TRY(waitpid(-1, NULL, __WALL));
  TRY(waitpid(-1, NULL, __WCLONE | WNOHANG));
  return 0;
}
