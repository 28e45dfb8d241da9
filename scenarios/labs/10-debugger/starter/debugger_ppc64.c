// Stops its child before each store to `counter`, and says what is there.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kSetDebugReg = 26 };  // PTRACE_SET_DEBUGREG

static volatile long counter = @{start};  // at the same address in the child

static void child(void) {
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  for (int i = 0; i < 3; ++i) counter += @{step};
  _exit(0);
}

static void watch(pid_t pid) {
  if (ptrace(kSetDebugReg, pid, 0, TODO) == 0) return;  // stores to counter
  perror("debug register");
  exit(1);
}

int main(void) {
  const pid_t pid = fork();
  if (pid == 0) child();
  int status, hits = 0;
  waitpid(pid, &status, 0);  // its SIGSTOP
  watch(pid);

  while (hits < 20) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) break;
    printf("hit %d: counter is %ld\n", ++hits, ptrace(PTRACE_PEEKDATA, pid, &counter, 0));
    TODO
  }
  printf("the end, after %d hits\n", hits);
  kill(pid, SIGKILL);
  return 0;
}
