// Threads made by clone(2) itself: one process, ids of their own, no child to wait for; how they end, and how all end.
#define _GNU_SOURCE
#include <linux/futex.h>
#include "tasks.h"

enum {
  kThreads = 6,
  kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
};
static char stacks[kThreads][1 << 17] __attribute__((aligned(64)));
static volatile int tids[kThreads], pids[kThreads], own[kThreads], parents[kThreads], counter, go, stop;
static volatile pid_t handled_by;

static void handler(int number) { (void)number; handled_by = (pid_t)syscall(SYS_gettid); }

static int runs(void* index) {
  const long i = (long)index;
  pids[i] = getpid(), own[i] = (int)syscall(SYS_gettid), parents[i] = getppid();
  for (int round = 0; round < 1000; ++round) __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
  return (int)i;
}
static int spins(void* unused) {
  (void)unused;
  go = 1;
  while (!stop) sched_yield();
  return 0;
}
static int ends_all(void* code) {
  syscall(SYS_exit_group, (int)(long)code);
  return 0;
}
static void join(volatile int* tid) {
  for (int value; (value = *tid) != 0;) syscall(SYS_futex, tid, FUTEX_WAIT, value, NULL, NULL, 0);
}
static pid_t start(int (*function)(void*), long argument, int slot) {
  return clone(function, stacks[slot] + sizeof stacks[slot], kFlags, (void*)argument, &tids[slot], NULL, &tids[slot]);
}

int main(void) {
  int made[kThreads];
  for (int i = 0; i < kThreads; ++i) made[i] = start(runs, i, i);
  for (int i = 0; i < kThreads; ++i) join(&tids[i]);
  int right = 0, different = 1;
  for (int i = 0; i < kThreads; ++i) {
    right += made[i] == own[i] && pids[i] == getpid() && parents[i] == getppid();
    for (int j = 0; j < i; ++j) different &= made[i] != made[j];
  }
  printf("right %d, different %d, counter %d\n", right, different, counter);
  TRY(waitpid(-1, NULL, __WALL));

  // A thread is no process: kill takes its id for the process, tgkill for itself.
  signal(SIGUSR1, handler);
  const pid_t thread = start(spins, 0, 0);
  while (!go) pause_briefly();
  SHOW(waitpid(thread, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD);
  SHOW(getpgid(thread) == getpgrp() && getsid(thread) == getsid(0));
  SHOW(syscall(SYS_tgkill, getpid(), thread, SIGUSR1));
  while (handled_by == 0) pause_briefly();
  SHOW(handled_by == thread);
  handled_by = 0;
  SHOW(syscall(SYS_tgkill, thread, thread, 0) == -1 && errno == ESRCH);
  SHOW(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
  SHOW(handled_by == getpid());
  SHOW(kill(thread, 0));
  stop = 1;
  join(&tids[0]);
  // Its id is gone a moment after its word is cleared.
  while (syscall(SYS_tkill, thread, 0) == 0) pause_briefly();
  SHOW(errno == ESRCH);

  // Either ends the whole process: exit_group by any thread, a signal's default action.
  pid_t child = fork_flushed();
  if (child == 0) {
    start(ends_all, 45, 1);
    for (;;) pause();
  }
  show_end("exit_group", child);
  child = fork_flushed();
  if (child == 0) {
    go = stop = 0;
    const pid_t other = start(spins, 0, 1);
    while (!go) pause_briefly();
    syscall(SYS_tgkill, getpid(), other, SIGTERM);
    for (;;) pause();
  }
  show_end("signal", child);
  // fork copies the calling thread only.
  go = stop = 0;
  start(spins, 0, 2);
  while (!go) pause_briefly();
  child = fork_flushed();
  if (child == 0) {
    go = 0;
    for (int i = 0; i < 5; ++i) pause_briefly();
    _exit(go == 0 && syscall(SYS_gettid) == getpid() ? 46 : 47);
  }
  show_end("forked", child);
  stop = 1;
  join(&tids[2]);
  return 0;
}
