// Five hundred children, one after the other, by fork, vfork and clone; nothing accumulates.
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

enum { kChildren = 500 };
static char stack[1 << 16] __attribute__((aligned(64)));
static volatile int runs;
static int child_of_clone(void* code) {
  ++runs;
  return (int)(long)code;
}

int main(void) {
  volatile int* const shared = shared_memory(4096);
  const int lowest = dup(0);
  close(lowest);
  long sum = 0;
  int wrong = 0;
  for (int i = 0; i < kChildren; ++i) {
    pid_t child;
    switch (i % 3) {
      case 0:
        child = fork();
        if (child == 0) {
          ++*shared;
          if (open("/proc/self/exe", O_RDONLY) != lowest) _exit(255);
          _exit(i % 200);
        }
        break;
      case 1:
        child = vfork();
        if (child == 0) {
          ++*shared;
          _exit(i % 200);
        }
        break;
      default:
        child = clone(child_of_clone, stack + sizeof stack, CLONE_VM | SIGCHLD, (void*)(long)(i % 200));
        break;
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != i % 200) ++wrong;
    sum += WEXITSTATUS(status);
  }
  printf("sum %ld, wrong %d, counted %d and %d\n", sum, wrong, *shared, runs);
  TRY(wait(NULL));
  return 0;
}
