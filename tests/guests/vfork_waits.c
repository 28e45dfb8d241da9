// vfork(2): the parent waits until the child is gone or another program, and its memory is the child's.
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

static volatile int steps;

static void handler(int number) { (void)number; steps += 1000; }

int main(int argc, char** argv) {
  if (argc > 1) {
    char byte = 0;
    if (read(atoi(argv[1]), &byte, 1) != 1) return 90;  // waits for its parent, which runs again
    return byte;
  }
  volatile pid_t child = vfork();
  if (child == 0) {
    for (int i = 0; i < 100000; ++i) ++steps;
    _exit(5);
  }
  SHOW(steps);
  show_end("_exit", child);

  int ends[2];
  pipe(ends);
  static char number[12];
  sprintf(number, "%d", ends[0]);
  child = vfork();
  if (child == 0) {
    steps = 1;
    execl("/proc/self/exe", "again", number, NULL);
    steps = 2;
    _exit(91);
  }
  SHOW(steps);
  SHOW(waitpid(child, NULL, WNOHANG));
  write(ends[1], "\7", 1);
  show_end("execve", child);

  // An execve that fails leaves the child where it is.
  static volatile int error;
  child = vfork();
  if (child == 0) {
    execl("/no/such/file", "none", NULL);
    error = errno;
    _exit(6);
  }
  SHOW(error == ENOENT);
  show_end("failed execve", child);

  // Killed while its parent waits.
  child = vfork();
  if (child == 0) kill(getpid(), SIGKILL);
  show_end("killed", child);

  // Descriptors are copied: a child's close is its own.
  child = vfork();
  if (child == 0) close(ends[0]), close(ends[1]), _exit(0);
  show_end("closes", child);
  SHOW(fcntl(ends[0], F_GETFD) >= 0 && fcntl(ends[1], F_GETFD) >= 0);

  // A signal for the parent is handled when it runs again.
  signal(SIGUSR1, handler);
  steps = 0;
  const pid_t parent = getpid();
  child = vfork();
  if (child == 0) {
    kill(parent, SIGUSR1);
    ++steps;
    _exit(steps);
  }
  SHOW(steps);
  show_end("signals", child);

  // vfork in a vforked child.
  child = vfork();
  if (child == 0) {
    volatile pid_t below = vfork();
    if (below == 0) steps = 77, _exit(1);
    int status;
    waitpid(below, &status, 0);
    _exit(WEXITSTATUS(status) + steps);
  }
  show_end("nested", child);
  return 0;
}
