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
  return 0;
}
