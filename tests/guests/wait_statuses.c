// The status that wait(2) stores, bit by bit: exit codes, signals, stops and continuation.
#define _GNU_SOURCE
#include "tasks.h"

static void show_raw(const char* what, int status) {
  status &= ~(WIFSIGNALED(status) ? 0x80 : 0);  // whether a core was written is the host's matter
  printf("%s: %#06x exited %d signaled %d stopped %d continued %d\n", what, status, WIFEXITED(status), WIFSIGNALED(status),
         WIFSTOPPED(status), WIFCONTINUED(status));
}

int main(void) {
  default_signals();
  static const int codes[] = {0, 1, 2, 127, 128, 255, 256, 257, -1, 0x12345};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i) {
    const pid_t child = fork_flushed();
    if (child == 0) _exit(codes[i]);
    int status = -1;
    waitpid(child, &status, 0);
    printf("_exit(%d) ", codes[i]);
    show_raw("status", status);
  }
  static const int signals[] = {SIGHUP, SIGKILL, SIGTERM, SIGABRT, SIGSEGV, SIGUSR1, SIGPIPE, 34, 64};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; ++i) {
    const pid_t child = fork_flushed();
    if (child == 0) no_core_file(), kill(getpid(), signals[i]), _exit(0);
    int status = -1;
    waitpid(child, &status, 0);
    printf("signal %d ", signals[i]);
    show_raw("status", status);
  }
  // Stopped, continued, stopped by another signal, killed.
  const pid_t child = fork_flushed();
  if (child == 0) for (;;) pause();
  int status = -1;
  setpgid(child, child);
  kill(child, SIGSTOP);
  SHOW(waitpid(child, &status, WUNTRACED) == child);
  show_raw("SIGSTOP", status);
  SHOW(waitpid(child, &status, WUNTRACED | WNOHANG));
  kill(child, SIGCONT);
  SHOW(waitpid(child, &status, WCONTINUED) == child);
  show_raw("SIGCONT", status);
  SHOW(waitpid(child, &status, WCONTINUED | WNOHANG));
  static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
  for (int i = 0; i < 3; ++i) {
    kill(child, stops[i]);
    SHOW(waitpid(child, &status, WUNTRACED | WCONTINUED) == child);
    show_raw("stop", status);
    kill(child, SIGCONT);
    SHOW(waitpid(child, &status, WUNTRACED | WCONTINUED) == child);
    show_raw("continue", status);
  }
  // A stop that nobody asks for is not reported; the kill of a stopped process needs no SIGCONT.
  kill(child, SIGSTOP);
  kill(child, SIGKILL);
  SHOW(waitpid(child, &status, 0) == child);
  show_raw("SIGKILL", status);
  TRY(waitpid(child, &status, 0));
  return 0;
}
