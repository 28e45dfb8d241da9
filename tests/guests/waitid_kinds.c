// waitid(2): by process, by group, by anything, by descriptor; without collecting; what siginfo says; what it refuses.
#define _GNU_SOURCE
#include "tasks.h"

static pid_t child;

static void show_info(const char* what, const siginfo_t* info) {
  printf("%s: signo %d errno %d code %d pid %s uid %d status %d\n", what, info->si_signo, info->si_errno, info->si_code,
         info->si_pid == child ? "child" : info->si_pid == 0 ? "0" : "other", info->si_pid != 0 && info->si_uid == getuid(), info->si_status);
}
static void show_wait(const char* what, idtype_t kind, id_t id, int options) {
  siginfo_t info;
  memset(&info, 0x55, sizeof info);
  errno = 0;
  const int got = waitid(kind, id, &info, options);
  if (got != 0) printf("%s: %d %s\n", what, got, strerrorname_np(errno));
  else show_info(what, &info);
}

int main(void) {
  show_wait("no child", P_ALL, 0, WEXITED);
  show_wait("no option", P_ALL, 0, 0);
  show_wait("no option but WNOHANG", P_ALL, 0, WNOHANG);
  show_wait("option", P_ALL, 0, WEXITED | 0x100);
  show_wait("kind", (idtype_t)17, 0, WEXITED);
  show_wait("pid 0", P_PID, 0, WEXITED);
  show_wait("pid -1", P_PID, (id_t)-1, WEXITED);
  show_wait("group -1", P_PGID, (id_t)-1, WEXITED);
  show_wait("descriptor 99", (idtype_t)3, 99, WEXITED);
  show_wait("descriptor of no process", (idtype_t)3, 1, WEXITED);

  child = fork_flushed();
  if (child == 0) for (;;) pause();
  setpgid(child, child);
  show_wait("alive", P_PID, (id_t)child, WEXITED | WSTOPPED | WCONTINUED | WNOHANG);
  show_wait("own group", P_PGID, 0, WEXITED | WNOHANG);
  kill(child, SIGSTOP);
  show_wait("stopped, left", P_PID, (id_t)child, WSTOPPED | WNOWAIT);
  show_wait("not exited", P_PID, (id_t)child, WEXITED | WNOHANG);
  show_wait("stopped", P_PGID, (id_t)child, WSTOPPED);
  show_wait("stopped, gone", P_PGID, (id_t)child, WSTOPPED | WNOHANG);
  kill(child, SIGCONT);
  show_wait("continued, left", P_ALL, 0, WCONTINUED | WNOWAIT);
  show_wait("continued", P_ALL, 0, WCONTINUED);
  show_wait("continued, gone", P_ALL, 0, WCONTINUED | WNOHANG);
  kill(child, SIGTERM);
  show_wait("killed, left", P_ALL, 12345, WEXITED | WNOWAIT);
  show_wait("killed, left", P_PID, (id_t)child, WEXITED | WNOWAIT);
  show_wait("neither stopped nor continued", P_PID, (id_t)child, WSTOPPED | WCONTINUED | WNOHANG);
  show_wait("killed", P_PID, (id_t)child, WEXITED);
  show_wait("collected", P_PID, (id_t)child, WEXITED);

  child = fork_flushed();
  if (child == 0) _exit(0x1ff);
  SHOW(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT));
  int status = 0;
  SHOW(waitpid(child, &status, 0) == child);
  show_status("exited", status);

  child = fork_flushed();
  if (child == 0) _exit(3);
  const int descriptor = (int)syscall(SYS_pidfd_open, child, 0);
  SHOW(descriptor >= 0);
  show_wait("by descriptor", (idtype_t)3, (id_t)descriptor, WEXITED);
  show_wait("by descriptor", (idtype_t)3, (id_t)descriptor, WEXITED);
  return 0;
}
