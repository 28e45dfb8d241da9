// A tracee that nobody lets go on, whose tracer waits for it to end.
//: memory 64M
//: status 152
//: says every task waits
#include "hostile.h"

int main(void) {
  int ends[2];
  pipe(ends);
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    write(ends[1], "x", 1);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  char byte;
  read(ends[0], &byte, 1);
}
