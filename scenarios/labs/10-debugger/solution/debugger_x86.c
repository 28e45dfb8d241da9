// Stops its child at each store to `counter`, and says what is there.
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long counter = @{start};  // at the same address in the child

static void child(void) {
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  for (int i = 0; i < 3; ++i) counter += @{step};
  _exit(0);
}

static void set_register(pid_t pid, int n, unsigned long value) {
  if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg) + sizeof(long) * n, value) == 0) return;
  perror("debug register");
  exit(1);
}

int main(void) {
  const pid_t pid = fork();
  if (pid == 0) child();
  int status, hits = 0;
  waitpid(pid, &status, 0);  // its SIGSTOP

  set_register(pid, 0, (unsigned long)&counter);  // where
  set_register(pid, 7, 0b1001 << 16 | 1);  // what: stores to all of it

  while (1) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) break;
    printf("hit %d: counter is %ld\n", ++hits, ptrace(PTRACE_PEEKDATA, pid, &counter, 0));
  }
  printf("the end, after %d hits\n", hits);
  return 0;
}
