// Stopping and continuing: nothing runs meanwhile, what SIGCONT and stop signals do to each other, handlers of them, and orphaned groups.
#define _GNU_SOURCE
#include "tasks.h"

static volatile long* shared;
static void handler(int number) { ++shared[number]; }

static pid_t start(void (*prepare)(void)) {
  const pid_t child = fork_flushed();
  if (child == 0) {
    setpgid(0, 0);
    if (prepare != NULL) prepare();
    shared[100] = 1;
    for (;;) ++shared[101], sched_yield();
  }
  while (shared[100] == 0) pause_briefly();
  shared[100] = 0;
  return child;
}
static void show_change(pid_t child, int options) {
  int status = -1;
  const pid_t got = waitpid(child, &status, options);
  if (got == child) show_status("change", status);
  else printf("change: none %d\n", got);
}
static int moves(void) {
  const long before = shared[101];
  for (int i = 0; i < 10; ++i) pause_briefly();
  return shared[101] != before;
}
static void runs_on(void) { const long before = shared[101]; while (shared[101] == before) pause_briefly(); }
static void handle(void) { signal(SIGTSTP, handler), signal(SIGCONT, handler), signal(SIGUSR1, handler); }
static void ignore(void) { signal(SIGTSTP, SIG_IGN), signal(SIGTTIN, SIG_IGN); }
static void block(void) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGTSTP), sigaddset(&set, SIGCONT), sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGCONT, handler);
}

int main(void) {
  default_signals();
  shared = shared_memory(65536);
  pid_t child = start(NULL);
  kill(child, SIGSTOP);
  show_change(child, WUNTRACED);
  SHOW(moves());
  kill(child, SIGSTOP), kill(child, SIGTSTP);  // stopped already: no further report
  show_change(child, WUNTRACED | WNOHANG);
  kill(child, SIGCONT);
  show_change(child, WCONTINUED | WUNTRACED);
  runs_on();
  kill(child, SIGCONT);  // runs already
  show_change(child, WCONTINUED | WNOHANG);
  kill(child, SIGTTIN);
  show_change(child, WUNTRACED);
  kill(child, SIGTERM);  // waits until it continues
  SHOW(moves());
  show_change(child, WNOHANG);
  kill(child, SIGCONT);
  show_change(child, 0);

  child = start(handle);
  kill(child, SIGTSTP);
  while (shared[SIGTSTP] == 0) pause_briefly();
  printf("handled: does not stop\n");
  kill(child, SIGSTOP);
  show_change(child, WUNTRACED);
  kill(child, SIGUSR1);
  SHOW(moves());
  SHOW(shared[SIGUSR1]);
  kill(child, SIGCONT);
  show_change(child, WCONTINUED);
  while (shared[SIGCONT] == 0 || shared[SIGUSR1] == 0) pause_briefly();
  printf("handlers ran: %ld %ld\n", shared[SIGCONT], shared[SIGUSR1]);
  kill(child, SIGSTOP);
  show_change(child, WUNTRACED);
  kill(child, SIGKILL);
  show_change(child, WUNTRACED | WCONTINUED);

  child = start(ignore);
  kill(child, SIGTSTP), kill(child, SIGTTIN);
  runs_on(), runs_on();
  kill(child, SIGTTOU);
  show_change(child, WUNTRACED);
  kill(child, SIGKILL);
  show_change(child, 0);

  // Blocked: SIGTSTP waits, and SIGCONT continues all the same, and takes the SIGTSTP away.
  child = start(block);
  shared[SIGCONT] = 0;
  kill(child, SIGTSTP);
  runs_on(), runs_on();
  kill(child, SIGSTOP);
  show_change(child, WUNTRACED);
  kill(child, SIGCONT);
  show_change(child, WCONTINUED);
  runs_on();
  SHOW(shared[SIGCONT]);
  kill(child, SIGKILL);
  show_change(child, 0);

  // A session of its own: the group is orphaned, so only SIGSTOP stops it.
  child = fork_flushed();
  if (child == 0) {
    setsid();
    raise(SIGTSTP), raise(SIGTTIN), raise(SIGTTOU);
    ++shared[102];
    raise(SIGSTOP);
    ++shared[102];
    _exit(3);
  }
  show_change(child, WUNTRACED);
  SHOW(shared[102]);
  kill(child, SIGCONT);
  show_change(child, 0);

  // A stopped group that becomes an orphan gets SIGHUP and SIGCONT.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  child = fork_flushed();
  if (child == 0) {
    setsid();
    const pid_t member = fork_flushed();
    if (member == 0) {
      setpgid(0, 0);
      raise(SIGSTOP);
      for (;;) pause();
    }
    int status;
    waitpid(member, &status, WUNTRACED);
    shared[103] = member;
    _exit(WIFSTOPPED(status));
  }
  show_change(child, 0);
  show_change((pid_t)shared[103], 0);
  return 0;
}
