// A thread that is not the leader executes a program: it takes over the leader's number, and the leader is gone without a word.
#include "tracing.h"
#include <pthread.h>

static void* executes(void* argument) {
  execl("/proc/self/exe", "program", "child", (char*)0);
  return 0;
}
static int work(void) {
  pthread_t thread;
  pthread_create(&thread, 0, executes, 0);
  for (;;) pause();
}

static void* idles(void* argument) {
  for (;;) pause();
}
static int work_beside_others(void) {
  pthread_t thread;
  for (int i = 0; i < 3; ++i) pthread_create(&thread, 0, idles, 0);
  return work();
}

// Nobody has killed the threads that the execution ends: each leaves with 0.
static void ends_of_the_others(void) {
  const pid_t pid = tracee(work_beside_others);
  ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT);
  ptrace(PTRACE_CONT, pid, 0, 0);
  int exits = 0, unkilled = 0, gone = 0, gone_well = 0, executed = 0;
  for (;;) {
    int status;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) break;
    if (!WIFSTOPPED(status)) {
      if (thread != pid) ++gone, gone_well += status == 0;
      else printf("%s\n", status_text(status));
      continue;
    }
    executed += status >> 16 == PTRACE_EVENT_EXEC;
    if (status >> 16 == PTRACE_EVENT_EXIT && !executed) {
      unsigned long message = 1;
      ptrace(PTRACE_GETEVENTMSG, thread, 0, &message);
      ++exits, unkilled += message == 0;
    }
    ptrace(PTRACE_CONT, thread, 0, 0);
  }
  printf("%d ended, %d with 0; waited for %d, %d with 0\n", exits, unkilled, gone, gone_well);
}

int main(int argc, char** argv) {
  if (argc > 1) return 11;
  const pid_t pid = tracee(work);
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("leader", pid);
  unsigned long message = 0;
  ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
  const pid_t thread = (pid_t)message;
  show_wait("thread", thread);
  ptrace(PTRACE_CONT, pid, 0, 0);
  ptrace(PTRACE_CONT, thread, 0, 0);
  show_wait("under the leader's number", pid);
  ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
  printf("it had the thread's number: %d\n", message == (unsigned long)thread);
  int status;
  printf("the thread's number: %s\n", errno_text(waitpid(thread, &status, __WALL | WNOHANG)));
  ptrace(PTRACE_CONT, pid, 0, 0);
  show_wait("end", pid);
  ends_of_the_others();
  return 0;
}
