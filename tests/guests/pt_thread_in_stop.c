// A tracer lets a task of a stopped process go on, which makes a thread: that one stops at once, as its process has, and runs
// after SIGCONT (task_join_group_stop() in kernel/signal.c).
#include "tracing.h"

#include <pthread.h>
#include <sys/syscall.h>

static int from_thread[2];

static void* thread(void* unused) {
  write(from_thread[1], "r", 1);
  return unused;
}

static int child(void) {
  pthread_t made;
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  pthread_create(&made, NULL, thread, NULL);
  pthread_join(made, NULL);
  return 7;
}

// The state of the thread that is not the first, by /proc; 0: there is none yet.
static char state_of_second(pid_t pid) {
  for (int tid = pid + 1; tid < pid + 64; ++tid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    FILE* const file = fopen(path, "r");
    if (file == NULL) continue;
    char state = 0;
    if (fgets(line, sizeof line, file)) state = strrchr(line, ')')[2];
    fclose(file);
    return state;
  }
  return 0;
}

int main(void) {
  pipe(from_thread);
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status;
  waitpid(pid, &status, 0);
  printf("signal-delivery-stop %d\n", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
  ptrace(PTRACE_CONT, pid, 0, SIGSTOP);
  waitpid(pid, &status, 0);
  siginfo_t info;
  printf("group-stop %d, siginfo %s\n", WIFSTOPPED(status) ? WSTOPSIG(status) : -1,
         ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0 ? "ok" : strerrorname_np(errno));
  ptrace(PTRACE_CONT, pid, 0, 0);
  char state = 0;
  for (int turn = 0; turn < 2000 && state != 'T'; ++turn) {
    usleep(1000);
    state = state_of_second(pid);
  }
  printf("the thread is %c\n", state);
  // To the one that is traced, whose tracer hears of it, and not to whichever takes it first.
  syscall(SYS_tgkill, pid, pid, SIGCONT);
  char byte = 0;
  waitpid(pid, &status, 0);
  printf("then %s %d\n", WIFSTOPPED(status) ? "stop" : "end", WIFSTOPPED(status) ? WSTOPSIG(status) : WEXITSTATUS(status));
  read(from_thread[0], &byte, 1);
  printf("it ran: %c\n", byte);
  ptrace(PTRACE_CONT, pid, 0, SIGCONT);
  waitpid(pid, &status, 0);
  printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 0;
}
