// A watchpoint belongs to one thread: the tracer moves it among four, of which each writes in turn.
//: breakpoints
//: cpus 4
#include "watch.h"
#include <pthread.h>

static volatile uint64_t watched[4] __attribute__((aligned(64)));
static volatile int turn, numbers[4], ready;
static void* writes(void* argument) {
  const int me = (int)(long)argument;
  numbers[me] = (int)syscall(SYS_gettid);
  __sync_fetch_and_add(&ready, 1);
  for (int round = 0; round < 4; ++round) {
    while (turn != 4 * round + me) sched_yield();
    watched[0] = (uint64_t)(round * 10 + me);
    turn = turn + 1;
  }
  return 0;
}
static int work(void) {
  pthread_t threads[4];
  for (long i = 0; i < 4; ++i) pthread_create(&threads[i], 0, writes, (void*)i);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], 0);
  return (int)watched[0];
}

int main(void) {
  const pid_t pid = tracee(work);
  ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  // All four exist, and are stopped, before the first writes.
  pid_t threads[4];
  for (int n = 0; n < 4; ++n) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    const int status = wait_for(pid);
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    threads[n] = (pid_t)message;
    printf("%s; ", status_text(status));
    printf("%s\n", status_text(wait_for(threads[n])));
  }
  int handle = watch_write(threads[0], &watched[0]);
  printf("handle %d\n", handle);
  for (int n = 0; n < 4; ++n) ptrace(PTRACE_CONT, threads[n], 0, 0);
  ptrace(PTRACE_CONT, pid, 0, 0);
  for (int hit = 0; hit < 4; ++hit) {
    int status;
    const pid_t who = waitpid(-1, &status, __WALL);
    int index = -1;
    for (int n = 0; n < 4; ++n) {
      if (threads[n] == who) index = n;
    }
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, who, 0, &info);
    printf("thread %d: %s code %d\n", index, status_text(status), info.si_code);
    if (!WIFSTOPPED(status)) return 1;
    pass(who, handle);
    if (kPastBreakpoint) unwatch(who, handle);
    // The next thread has to be stopped to be given it.
    if (hit < 3) {
      const pid_t next = threads[hit + 1];
      syscall(SYS_tgkill, pid, next, SIGSTOP);
      printf("next: %s\n", status_text(wait_for(next)));
      handle = watch_write(next, &watched[0]);
      ptrace(PTRACE_CONT, next, 0, 0);
    }
    ptrace(PTRACE_CONT, who, 0, 0);
  }
  for (int n = 0; n < 4; ++n) printf("thread %d exits: %d\n", n, WIFEXITED(wait_for(threads[n])));  // its status may be that of exit_group
  show_wait("end", pid);
  return 0;
}
