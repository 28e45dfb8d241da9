// Which children wait4(2) waits for, without waiting where it must not, and what it refuses.
#define _GNU_SOURCE
#include <sys/resource.h>
#include "tasks.h"

int main(void) {
  int status = 0x7777;
  TRY(wait(&status));
  TRY(waitpid(-1, &status, WNOHANG));
  TRY(waitpid(0, &status, 0));
  TRY(waitpid(getpid(), &status, WNOHANG) == -1);
  TRY(waitpid(1, &status, WNOHANG));
  TRY(waitpid(-1, &status, 0x40000));
  TRY(waitpid(-1, &status, WEXITED | WNOHANG));
  TRY(waitpid((int)0x80000000, &status, WNOHANG));
  SHOW(status);

  int hold[2];
  pipe(hold);
  const pid_t child = fork_flushed();
  if (child == 0) {
    char byte;
    close(hold[1]);
    read(hold[0], &byte, 1);
    _exit(5);
  }
  close(hold[0]);
  setpgid(child, child);
  // Alive: nothing to report, and a status is not stored.
  SHOW(waitpid(child, &status, WNOHANG));
  SHOW(waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED));
  SHOW(waitpid(-child, &status, WNOHANG));
  SHOW(status);
  // It is not in our group.
  TRY(waitpid(0, &status, WNOHANG));
  TRY(waitpid(-getpgrp(), &status, WNOHANG) == -1);
  TRY(waitpid(-child - 1, &status, WNOHANG) == -1);
  // Ended: an invalid address is found after the child is gone.
  close(hold[1]);
  struct rusage usage;
  memset(&usage, 0xff, sizeof usage);
  errno = 0;
  SHOW(wait4(-child, &status, 0, &usage) == child);
  SHOW(WEXITSTATUS(status));
  SHOW(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 10 && usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1000000);
  SHOW(usage.ru_stime.tv_sec >= 0 && usage.ru_stime.tv_sec < 10);
  SHOW(usage.ru_minflt >= 0 && usage.ru_ixrss == 0 && usage.ru_nswap == 0);
  TRY(waitpid(child, &status, 0));
  const pid_t second = fork_flushed();
  if (second == 0) _exit(6);
  TRY(waitpid(second, (int*)8, 0));
  TRY(waitpid(second, &status, 0) == -1);

  // A process may not wait for its grandchild, sibling or parent.
  const pid_t sibling = fork_flushed();
  if (sibling == 0) _exit(0);
  const pid_t other = fork_flushed();
  if (other == 0) {
    TRY(waitpid(sibling, NULL, WNOHANG) == -1);
    TRY(waitpid(getppid(), NULL, WNOHANG) == -1);
    TRY(wait(NULL));
    leave(7);
  }
  show_end("other", other);
  show_end("sibling", sibling);
  return 0;
}
