// PTRACE_O_TRACEFORK, TRACEVFORK, TRACEVFORKDONE and TRACECLONE: the events, their messages, and the new tracees' first stops.
#include "tracing.h"
#include <pthread.h>

static void* idle(void* argument) { return argument; }
static int work(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(3);
  waitpid(pid, 0, 0);
  pid = vfork();
  if (pid == 0) _exit(4);
  waitpid(pid, 0, 0);
  pthread_t thread;
  pthread_create(&thread, 0, idle, 0);
  pthread_join(thread, 0);
  return 5;
}

int main(void) {
  const pid_t pid = tracee(work);
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACECLONE));
  ptrace(PTRACE_CONT, pid, 0, 0);
  // Parent and child are waited for one by one, so that the order is the same in every run.
  for (;;) {
    const int status = wait_for(pid);
    if (!WIFSTOPPED(status)) {
      printf("%s\n", status_text(status));
      return 0;
    }
    const int event = status >> 16;
    if (event == 0) {
      if (WSTOPSIG(status) != SIGCHLD) printf("parent: %s\n", status_text(status));
      ptrace(PTRACE_CONT, pid, 0, 0);
      continue;
    }
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    printf("parent: %s, code %#x, message is a number %d\n", status_text(status), info.si_code, message > 0);
    if (event == PTRACE_EVENT_VFORK_DONE) {
      ptrace(PTRACE_CONT, pid, 0, 0);
      continue;
    }
    const pid_t child = (pid_t)message;
    printf("  child: %s\n", status_text(wait_for(child)));
    TRY(ptrace(PTRACE_CONT, child, 0, 0));
    if (event == PTRACE_EVENT_CLONE) {
      printf("  child: %s\n", status_text(wait_for(child)));
      ptrace(PTRACE_CONT, pid, 0, 0);
    } else {
      ptrace(PTRACE_CONT, pid, 0, 0);
      printf("  child: %s\n", status_text(wait_for(child)));
    }
  }
}
