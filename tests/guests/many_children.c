// Two hundred children that are alive at the same time: all wait, are released together, killed by group, and collected in any order.
//: cpus 4
#define _GNU_SOURCE
#include "tasks.h"

enum { kChildren = 200 };

int main(void) {
  pid_t children[kChildren];
  int ready[2], go[2];
  volatile int* const shared = shared_memory(4096);
  pipe(ready), pipe(go);
  fflush(stdout);
  for (int i = 0; i < kChildren; ++i) {
    children[i] = fork();
    if (children[i] == 0) {
      char byte;
      close(go[1]);
      write(ready[1], "", 1);
      read(go[0], &byte, 1);  // until nobody can write any more
      __atomic_add_fetch(shared, i, __ATOMIC_SEQ_CST);
      _exit(i);
    }
    if (children[i] < 0) perror("fork"), exit(1);
  }
  char byte;
  for (int i = 0; i < kChildren; ++i) read(ready[0], &byte, 1);
  SHOW(*shared);
  SHOW(waitpid(-1, NULL, WNOHANG));
  int distinct = 0;
  for (int i = 0; i < kChildren; ++i) {
    int before = 0;
    for (int j = 0; j < i; ++j) before |= children[j] == children[i];
    distinct += !before;
  }
  SHOW(distinct);
  close(go[1]);
  int right = 0, number = 0, status;
  for (pid_t got; (got = wait(&status)) > 0; ++number) {
    for (int i = 0; i < kChildren; ++i) right += children[i] == got && WIFEXITED(status) && WEXITSTATUS(status) == i;
  }
  printf("collected %d, right %d, sum %d\n", number, right, *shared);

  // Again, as one group, which one signal ends.
  pid_t group = 0;
  for (int i = 0; i < kChildren; ++i) {
    children[i] = fork();
    if (children[i] == 0) {
      setpgid(0, group);
      write(ready[1], "", 1);
      for (;;) pause();
    }
    if (group == 0) group = children[0];
    setpgid(children[i], group);
  }
  for (int i = 0; i < kChildren; ++i) read(ready[0], &byte, 1);
  kill(-group, SIGSTOP);
  int stopped = 0, killed = 0;
  for (int i = 0; i < kChildren; ++i) stopped += waitpid(children[i], &status, WUNTRACED) == children[i] && WIFSTOPPED(status);
  kill(-group, SIGTERM);
  SHOW(waitpid(-group, NULL, WNOHANG));
  kill(-group, SIGCONT);
  for (int i = kChildren - 1; i >= 0; --i) {
    killed += waitpid(children[i], &status, 0) == children[i] && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
  }
  printf("stopped %d, killed %d\n", stopped, killed);
  TRY(wait(NULL));
  return 0;
}
