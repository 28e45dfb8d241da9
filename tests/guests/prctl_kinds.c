// prctl(2): what a process may set of itself, what its children and programs inherit of that, and what is refused.
#define _GNU_SOURCE
#include "tasks.h"

static int get(int option) {
  int value = -77;
  if (prctl(option, &value) != 0) return -errno;
  return value;
}
static void show_state(const char* who) {
  printf("%s: dumpable %d, no new privileges %d, keeps capabilities %d, subreaper %d, death signal %d, slack %d\n", who, prctl(PR_GET_DUMPABLE),
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_KEEPCAPS), get(PR_GET_CHILD_SUBREAPER),
         get(PR_GET_PDEATHSIG), prctl(PR_GET_TIMERSLACK));
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) return show_state("program"), 0;
  TRY(prctl(PR_SET_DUMPABLE, 2));
  TRY(prctl(PR_SET_DUMPABLE, 17));
  TRY(prctl(PR_SET_DUMPABLE, 1));
  TRY(prctl(PR_GET_DUMPABLE));
  TRY(prctl(PR_SET_DUMPABLE, 0));
  TRY(prctl(PR_GET_DUMPABLE));
  TRY(prctl(PR_SET_DUMPABLE, 1));
  TRY(prctl(PR_SET_PDEATHSIG, -1));
  TRY(prctl(PR_SET_PDEATHSIG, 65));
  TRY(prctl(PR_SET_PDEATHSIG, SIGUSR1));
  SHOW(get(PR_GET_PDEATHSIG));
  TRY(prctl(PR_GET_PDEATHSIG, 8));
  TRY(prctl(PR_SET_KEEPCAPS, 2));
  TRY(prctl(PR_SET_KEEPCAPS, 1));
  TRY(prctl(PR_GET_KEEPCAPS));
  TRY(prctl(PR_SET_TIMERSLACK, 12345));
  TRY(prctl(PR_GET_TIMERSLACK));
  TRY(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
  TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  TRY(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
  TRY(prctl(PR_SET_CHILD_SUBREAPER, 5));
  SHOW(get(PR_GET_CHILD_SUBREAPER));
  TRY(prctl(PR_GET_TIMING));
  TRY(prctl(PR_SET_TIMING, 0));
  TRY(prctl(PR_SET_TIMING, 1));
  TRY(prctl(99999));
  TRY(prctl(-1));
  show_state("process");
  const pid_t child = fork_flushed();
  if (child == 0) {
    show_state("child");
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    fflush(stdout);
    execl("/proc/self/exe", "self", "again", NULL);
    leave(99);
  }
  show_end("child", child);
  TRY(prctl(PR_SET_TIMERSLACK, 0));
  SHOW(prctl(PR_GET_TIMERSLACK) != 12345);
  return 0;
}
