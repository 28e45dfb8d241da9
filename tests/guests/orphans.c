// Processes whose parent is gone: a subreaper becomes their parent and collects them; zombies meanwhile; the death signal of parents.
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

static volatile int* shared;
static pid_t top;

int main(void) {
  default_signals();
  shared = shared_memory(4096);
  top = getpid();
  int is = -1;
  TRY(prctl(PR_GET_CHILD_SUBREAPER, &is));
  SHOW(is);
  TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
  TRY(prctl(PR_GET_CHILD_SUBREAPER, &is));
  SHOW(is);
  TRY(prctl(PR_GET_CHILD_SUBREAPER, 8));

  // child -> grandchild; the child ends first.
  int ends[2];
  pipe(ends);
  pid_t child = fork_flushed();
  if (child == 0) {
    prctl(PR_GET_CHILD_SUBREAPER, &is);
    shared[0] = is;
    const pid_t middle = getpid();
    if (fork() == 0) {
      char byte;
      shared[1] = getppid() == middle;
      write(ends[1], "", 1);
      while (getppid() == middle) pause_briefly();
      shared[2] = getppid() == top;
      (void)byte;
      _exit(44);
    }
    char byte;
    read(ends[0], &byte, 1);
    _exit(33);
  }
  show_end("child", child);
  int status = -1;
  const pid_t adopted = wait(&status);
  SHOW(adopted > 0 && adopted != child);
  show_status("adopted", status);
  printf("subreaper inherited %d, parent before %d, after %d\n", shared[0], shared[1], shared[2]);
  TRY(wait(NULL));

  // A zombie is adopted as well, by the nearest subreaper above.
  child = fork_flushed();
  if (child == 0) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (fork() == 0) {
      const pid_t zombie = fork();
      if (zombie == 0) _exit(55);
      siginfo_t info;
      waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
      _exit(66);
    }
    int sum = 0, number = 0;
    for (int each; wait(&each) > 0; ++number) sum += WEXITSTATUS(each);
    printf("collected %d, sum %d\n", number, sum);
    leave(0);
  }
  show_end("nearest", child);

  // A zombie still has its id: signals for it are accepted and do nothing.
  child = fork_flushed();
  if (child == 0) _exit(7);
  siginfo_t info;
  waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  SHOW(kill(child, 0));
  SHOW(kill(child, SIGKILL));
  SHOW(getpgid(child) == getpgrp());
  show_end("zombie", child);
  SHOW(kill(child, 0) == -1 && errno == ESRCH);

  // PR_SET_PDEATHSIG: sent when the parent ends; not inherited by fork.
  TRY(prctl(PR_SET_PDEATHSIG, 65));
  child = fork_flushed();
  if (child == 0) {
    const pid_t middle = getpid();
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    if (fork() == 0) {
      int death = -1;
      prctl(PR_GET_PDEATHSIG, &death);
      shared[3] = death;
      sigset_t set;
      sigemptyset(&set), sigaddset(&set, SIGUSR1);
      sigprocmask(SIG_BLOCK, &set, NULL);
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      prctl(PR_GET_PDEATHSIG, &death);
      shared[4] = death;
      write(ends[1], "", 1);
      siginfo_t about;
      const int number = sigwaitinfo(&set, &about);
      shared[5] = number == SIGUSR1 && about.si_code == SI_USER && about.si_pid == middle;
      while (getppid() == middle) pause_briefly();
      _exit(number);
    }
    char byte;
    read(ends[0], &byte, 1);
    raise(SIGKILL);
  }
  show_end("parent", child);
  SHOW(wait(&status) > 0);
  show_status("orphan", status);
  printf("inherited %d, set %d, sent %d\n", shared[3], shared[4], shared[5]);

  // A whole family that is killed at its root by this.
  child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 3; ++i) {
      const pid_t below = fork();
      if (below > 0) for (;;) pause();
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      write(ends[1], "", 1);
    }
    for (;;) pause();
  }
  char bytes[3];
  for (int i = 0; i < 3; ++i) read(ends[0], bytes, 1);
  kill(child, SIGINT);
  show_end("root", child);
  for (int i = 0; i < 3; ++i) wait(&status), show_status("member", status);
  TRY(wait(NULL));
  return 0;
}
