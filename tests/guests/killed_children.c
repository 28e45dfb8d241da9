// The default action of each signal, in a child that sends it to itself: killed, ignored, or stopped.
#define _GNU_SOURCE
#include "tasks.h"

int main(void) {
  default_signals();
  for (int number = 1; number <= 64; ++number) {
    if (number == 32 || number == 33) continue;  // the library's own; posix_spawn leaves them ignored
    const pid_t child = fork_flushed();
    if (child == 0) {
      setpgid(0, 0);  // a group whose parent is in another one of the same session: not orphaned, so that it can stop
      no_core_file();
      syscall(SYS_kill, getpid(), number);
      _exit(100);
    }
    int status = -1;
    waitpid(child, &status, WUNTRACED);
    printf("%d ", number);
    show_status("sent", status);
    if (WIFSTOPPED(status)) {
      kill(child, SIGCONT);
      show_end("continued", child);
    }
  }
  // Sent by the parent to a child that waits.
  static const int sent[] = {1, 6, 8, 13, 15, 24, 29, 36, 43, 50, 57, 64};
  for (size_t i = 0; i < sizeof sent / sizeof *sent; ++i) {
    const int number = sent[i];
    const pid_t child = fork_flushed();
    if (child == 0) for (no_core_file();;) pause();
    kill(child, number);
    printf("%d ", number);
    show_end("from the parent", child);
  }
  // Sent to the thread, with a value, and as SIGKILL while everything is blocked and ignored.
  pid_t child = fork_flushed();
  if (child == 0) syscall(SYS_tkill, gettid(), SIGTERM), _exit(100);
  show_end("tkill", child);
  child = fork_flushed();
  if (child == 0) sigqueue(getpid(), SIGINT, (union sigval){.sival_int = 1}), _exit(100);
  show_end("sigqueue", child);
  child = fork_flushed();
  if (child == 0) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 1; number <= 64; ++number) signal(number, SIG_IGN);
    kill(getpid(), SIGKILL);
    _exit(100);
  }
  show_end("SIGKILL", child);
  return 0;
}
