// Forks in a loop and forks of forks: who runs, in what order they are collected, and whose child each is.
#define _GNU_SOURCE
#include "tasks.h"

static volatile int* shared;

// Each process of the tree has two children, and exits with the number of processes below and including itself.
static int tree(int depth) {
  __atomic_add_fetch(&shared[0], 1, __ATOMIC_SEQ_CST);
  int sum = 1;
  if (depth == 0) return sum;
  pid_t children[2];
  for (int i = 0; i < 2; ++i) {
    children[i] = fork();
    if (children[i] == 0) _exit(tree(depth - 1));
  }
  for (int i = 1; i >= 0; --i) {
    int status;
    if (waitpid(children[i], &status, 0) == children[i] && WIFEXITED(status)) sum += WEXITSTATUS(status);
  }
  return sum;
}

int main(void) {
  shared = shared_memory(4096);
  pid_t children[20];
  for (int i = 0; i < 20; ++i) {
    children[i] = fork_flushed();
    if (children[i] == 0) _exit(i * 3);
  }
  int all_different = 1;
  for (int i = 0; i < 20; ++i) for (int j = 0; j < i; ++j) all_different &= children[i] != children[j];
  SHOW(all_different);
  // Collected in another order than that of their ends.
  for (int i = 19; i >= 0; i -= 2) {
    int status = -1;
    const int right = waitpid(children[i], &status, 0) == children[i];
    printf("%d: %d %#x\n", i, right, status);
  }
  int sum = 0, number = 0, status;
  for (pid_t got; (got = wait(&status)) > 0; ++number) for (int i = 0; i < 20; ++i) if (children[i] == got) sum += WEXITSTATUS(status);
  SHOW(number);
  SHOW(sum);
  TRY(wait(NULL));

  fflush(stdout);
  SHOW(tree(5));
  SHOW(shared[0]);

  // A chain: each generation's parent is the one above.
  const pid_t top = getpid();
  pid_t child = fork_flushed();
  for (int generation = 1; child == 0; ++generation) {
    const pid_t me = getpid();
    if (generation == 6) _exit(0x10 | (getppid() != top));
    child = fork();
    if (child > 0) {
      waitpid(child, &status, 0);
      _exit(WEXITSTATUS(status) == (generation < 5 ? 0x20 : 0x11) && me != child ? 0x20 : 0x40);
    }
    if (getppid() != me) _exit(0x80);
  }
  waitpid(child, &status, 0);
  printf("chain: %#x\n", status);
  SHOW(waitpid(top, NULL, 0));
  return 0;
}
