// SIGCHLD: what its siginfo says of each end, stop and continuation; SA_NOCLDSTOP; children that leave nothing to wait for.
#define _GNU_SOURCE
#include "tasks.h"

static pid_t child;

static void show_taken(const char* what, long milliseconds) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGCHLD);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  const struct timespec timeout = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  if (sigtimedwait(&set, &info, &timeout) < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: code %d status %d from %s uid %d, times %d\n", what, info.si_code == CLD_DUMPED ? CLD_KILLED : info.si_code, info.si_status,
              info.si_pid == child ? "child" : "other", info.si_uid == getuid(), info.si_utime >= 0 && info.si_stime >= 0);
}
static void nothing(int number) { (void)number; }
static volatile int runs;
static void counts(int number) {
  (void)number;
  while (waitpid(-1, NULL, WNOHANG) > 0) ++runs;
}
static void set(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(SIGCHLD, &action, NULL);
}
static pid_t start(int code) {
  const pid_t started = fork_flushed();
  if (started == 0) {
    no_core_file();
    if (code < 0) for (;;) pause();
    _exit(code);
  }
  return started;
}

int main(void) {
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  set(nothing, 0);
  child = start(258);
  show_taken("exit", 20000);
  show_end("it", child);
  child = start(-1);
  kill(child, SIGSTOP);
  show_taken("stop", 20000);
  kill(child, SIGCONT);
  show_taken("continue", 20000);
  kill(child, SIGSEGV);
  show_taken("kill", 20000);
  show_end("it", child);
  // Waiting first does not take the signal away.
  child = start(5);
  show_end("it", child);
  show_taken("waited for", 20000);
  // By default it is ignored, but pending all the same while it is blocked.
  set(SIG_DFL, 0);
  child = start(6);
  show_taken("default", 20000);
  show_end("it", child);

  set(nothing, SA_NOCLDSTOP);
  child = start(-1);
  int status;
  kill(child, SIGSTOP);
  SHOW(waitpid(child, &status, WUNTRACED) == child);
  show_taken("no stop", 0);
  kill(child, SIGCONT);
  SHOW(waitpid(child, &status, WCONTINUED) == child);
  show_taken("no continue", 0);
  kill(child, SIGTERM);
  show_taken("kill", 20000);
  show_end("it", child);

  // Ignored, or with SA_NOCLDWAIT, they leave no zombie: wait blocks until all are gone, and fails.
  set(SIG_IGN, 0);
  for (int i = 0; i < 3; ++i) child = start(i);
  TRY(wait(&status));
  TRY(waitpid(child, &status, WNOHANG));
  show_taken("ignored", 0);
  set(nothing, SA_NOCLDWAIT);
  child = start(7);
  TRY(waitpid(child, &status, 0) == -1);
  show_taken("SA_NOCLDWAIT signals all the same", 20000);
  // One that was a zombie before stays.
  set(SIG_DFL, 0);
  child = start(8);
  show_taken("zombie", 20000);
  set(SIG_IGN, 0);
  show_end("it", child);

  // A handler that collects all there are, however often it runs.
  set(counts, SA_RESTART | SA_NOCLDSTOP);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  for (int i = 0; i < 20; ++i) start(i);
  while (runs < 20) pause_briefly();
  SHOW(runs);
  TRY(wait(NULL));
  // SIGCHLD's being ignored is inherited by execve's program, which may therefore find nobody to wait for.
  set(SIG_IGN, 0);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    const pid_t below = start(1);
    TRY(waitpid(below, &status, 0) == -1);
    set(SIG_DFL, 0);
    const pid_t other = start(2);
    show_end("other", other);
    leave(0);
  }
  TRY(wait(NULL));
  return 0;
}
