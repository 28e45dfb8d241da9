// PTRACE_O_TRACEEXEC and PTRACE_O_TRACEEXIT, and their messages; refused options.
#include "tracing.h"

static int work(void) {
  execl("/proc/self/exe", "program", "child", (char*)0);
  return 1;
}

static void follow(pid_t pid) {
  for (;;) {
    ptrace(PTRACE_CONT, pid, 0, 0);
    const int status = wait_for(pid);
    printf("%s", status_text(status));
    if (!WIFSTOPPED(status)) break;
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    if (status >> 16 == PTRACE_EVENT_EXEC) printf(", message is its number %d", message == (unsigned long)pid);
    if (status >> 16 == PTRACE_EVENT_EXIT) printf(", message: %s", status_text((int)message));
    printf("\n");
  }
  printf("\n");
}

int main(int argc, char** argv) {
  if (argc > 1) return 9;
  pid_t pid = tracee(work);
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT));
  follow(pid);
  pid = tracee(work);
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
  ptrace(PTRACE_CONT, pid, 0, SIGTERM);
  const int status = wait_for(pid);
  unsigned long message = 0;
  ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
  printf("%s", status_text(status));
  printf(", message: %s\n", status_text((int)message));
  follow(pid);
  pid = tracee(work);
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, 1 << 9));
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, 0x80000000ul));
  TRY(ptrace(PTRACE_SETOPTIONS, pid, 0, 0));
  follow(pid);
  return 0;
}
