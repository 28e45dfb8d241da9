// A tracer's watchpoint is not inherited by fork(2), ends with execve(2), and a hundred tracees one after another find it free.
//: breakpoints
#include "watch.h"

static volatile uint64_t watched;
static int forks(void) {
  const pid_t pid = fork();
  if (pid == 0) {
    watched = 1;
    _exit(1);
  }
  int status;
  waitpid(pid, &status, 0);
  watched = 2;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
static int executes(void) {
  execl("/proc/self/exe", "program", "child", (char*)0);
  return 9;
}
static int writes(void) {
  watched = 3;
  return 0;
}

int main(int argc, char** argv) {
  if (argc > 1) {
    watched = 4;
    return 12;
  }
  pid_t pid = tracee(forks);
  int handle = watch_write(pid, &watched);
  ptrace(PTRACE_CONT, pid, 0, 0);
  int status = wait_for(pid);
  if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGCHLD) ptrace(PTRACE_CONT, pid, 0, 0), status = wait_for(pid);
  printf("the parent's write: %s\n", status_text(status));
  pass(pid, handle);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("the child's went through", pid);

  pid = tracee(executes);
  handle = watch_write(pid, &watched);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("exec", pid);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("after exec", pid);

  int hits = 0, refused = 0;
  for (int n = 0; n < 100; ++n) {
    pid = tracee(writes);
    if (watch_write(pid, &watched) < 0) ++refused;
    ptrace(PTRACE_CONT, pid, 0, 0);
    status = wait_for(pid);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) ++hits;
    end(pid);
  }
  printf("%d hits, %d refused\n", hits, refused);
  return 0;
}
