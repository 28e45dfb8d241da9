// Tracing a grandchild: its parent is told only when its tracer has been.
#include "tracing.h"

int main(void) {
  int number[2], back[2];
  pipe(number), pipe(back);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      char c;
      read(back[0], &c, 1);
      _exit(21);
    }
    write(number[1], &grandchild, sizeof grandchild);
    int status;
    waitpid(grandchild, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
  }
  pid_t grandchild;
  read(number[0], &grandchild, sizeof grandchild);
  TRY(ptrace(PTRACE_ATTACH, grandchild, 0, 0));
  show_wait("grandchild", grandchild);
  TRY(ptrace(PTRACE_SETOPTIONS, grandchild, 0, PTRACE_O_TRACEEXIT));
  ptrace(PTRACE_CONT, grandchild, 0, 0);
  write(back[1], "x", 1);
  show_wait("grandchild", grandchild);
  int status;
  printf("its parent waits: %d\n", waitpid(child, &status, WNOHANG));
  ptrace(PTRACE_CONT, grandchild, 0, 0);
  show_wait("grandchild", grandchild);
  show_wait("child, with the grandchild's status", child);
  return 0;
}
