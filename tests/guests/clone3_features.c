// clone3(2): exit signal, ids, a descriptor of the child, handlers cleared.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <poll.h>
#include <stdint.h>
#include "tasks.h"

static void handler(int number) { (void)number; }
static long clone_three(struct clone_args arguments) {
  fflush(stdout);
  return syscall(SYS_clone3, &arguments, sizeof arguments);
}
static int disposition(int number) {
  struct sigaction action;
  sigaction(number, NULL, &action);
  return action.sa_handler == SIG_DFL ? 0 : action.sa_handler == SIG_IGN ? 1 : 2;
}

int main(void) {
  volatile int* const shared = shared_memory(4096);
  int parent_tid = -1, child_tid = -1, descriptor = -1, status;
  long child = clone_three((struct clone_args){
    .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_PIDFD,
    .pidfd = (uintptr_t)&descriptor, .parent_tid = (uintptr_t)&parent_tid, .child_tid = (uintptr_t)&child_tid, .exit_signal = SIGCHLD});
  if (child == 0) _exit(child_tid == getpid() ? 3 : 4);
  SHOW(parent_tid == child && child_tid == -1 && descriptor > 2);
  struct pollfd polled = {descriptor, POLLIN, 0};
  TRY(poll(&polled, 1, 20000));
  show_end("ids", (pid_t)child);
  close(descriptor);

  // Another exit signal.
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  child = clone_three((struct clone_args){.exit_signal = SIGUSR1});
  if (child == 0) _exit(5);
  siginfo_t info;
  SHOW(sigwaitinfo(&blocked, &info));
  SHOW(info.si_pid == child && info.si_code == CLD_EXITED && info.si_status == 5);
  TRY(waitpid((pid_t)child, &status, 0) == -1);
  SHOW(waitpid((pid_t)child, &status, __WCLONE) == child);

  // CLONE_CLEAR_SIGHAND: what is handled becomes the default, what is ignored stays so.
  signal(SIGUSR2, handler), signal(SIGHUP, SIG_IGN);
  for (int clears = 0; clears < 2; ++clears) {
    child = clone_three((struct clone_args){.flags = clears ? 0x100000000 : 0, .exit_signal = SIGCHLD});
    if (child == 0) _exit(disposition(SIGUSR2) * 10 + disposition(SIGHUP));
    show_end("dispositions", (pid_t)child);
  }
  printf("own: %d%d\n", disposition(SIGUSR2), disposition(SIGHUP));

  // The parent waits, with memory of its own.
  child = clone_three((struct clone_args){.flags = CLONE_VFORK, .exit_signal = SIGCHLD});
  if (child == 0) {
    for (int i = 0; i < 3; ++i) pause_briefly();
    shared[0] = 7;
    _exit(8);
  }
  SHOW(shared[0]);
  show_end("vfork", (pid_t)child);
  // The shared descriptors of CLONE_FILES.
  child = clone_three((struct clone_args){.flags = CLONE_FILES, .exit_signal = SIGCHLD});
  if (child == 0) dup2(1, 40), _exit(9);
  show_end("files", (pid_t)child);
  SHOW(write(40, "", 0));
  return 0;
}
