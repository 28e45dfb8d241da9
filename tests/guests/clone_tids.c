// Where clone(2) stores the child's id: CLONE_PARENT_SETTID, CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID with its wake, CLONE_PIDFD, set_tid_address.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <poll.h>
#include "tasks.h"

static char stack[1 << 18] __attribute__((aligned(64)));
static volatile int word, parent_word, child_word, seen, released;

static int looks(void* unused) {
  (void)unused;
  seen = (parent_word == gettid()) | (child_word == gettid()) << 1;
  while (!released) pause_briefly();
  return 4;
}

int main(void) {
  // With memory of its own: the parent's word is the parent's, the child's the child's.
  volatile int* const shared = shared_memory(4096);
  int parent_tid = 1, child_tid = 2;
  fflush(stdout);
  pid_t child = (pid_t)raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &parent_tid, &child_tid, NULL);
  if (child == 0) {
    shared[0] = child_tid == getpid();
    shared[1] = parent_tid == getpid();
    _exit(1);
  }
  show_end("own memory", child);
  printf("parent: %d %d, child: %d\n", parent_tid == child, child_tid, shared[0]);
  // Both in shared memory; without CLONE_VM the word is not cleared when the child ends.
  shared[0] = shared[1] = 0;
  child = (pid_t)raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, (int*)&shared[0], (int*)&shared[1], NULL);
  if (child == 0) _exit(2);
  show_end("shared memory", child);
  printf("%d %d\n", shared[0] == child, shared[1] == child);

  // The same memory: cleared at the end, and whoever waits for that is woken.
  child = clone(looks, stack + sizeof stack, CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL,
                &parent_word, NULL, &child_word);
  SHOW(parent_word == child);
  released = 1;
  for (int value; (value = child_word) != 0 || seen == 0;) if (value != 0) syscall(SYS_futex, &child_word, FUTEX_WAIT, value, NULL, NULL, 0);
  SHOW(seen);
  SHOW(parent_word == child);
  show_end("cleared", child);

  // Killed, it is cleared as well.
  released = 0, seen = 0;
  child = clone(looks, stack + sizeof stack, CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &child_word);
  while (seen == 0) pause_briefly();
  SHOW(child_word == child);
  kill(child, SIGKILL);
  show_end("killed", child);
  SHOW(child_word);

  // set_tid_address says who calls.
  SHOW(syscall(SYS_set_tid_address, &word) == gettid());

  // A descriptor of the process: readable once it has ended.
  int descriptor = -1;
  int hold[2];
  pipe(hold);
  child = (pid_t)raw_clone(CLONE_PIDFD | SIGCHLD, NULL, &descriptor, NULL, NULL);
  if (child == 0) {
    char byte;
    close(hold[1]);
    read(hold[0], &byte, 1);
    _exit(7);
  }
  SHOW(descriptor > 2);
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  TRY(poll(&polled, 1, 0));
  TRY(syscall(SYS_pidfd_send_signal, descriptor, 0, NULL, 0));
  close(hold[1]);
  TRY(poll(&polled, 1, 20000));
  SHOW(polled.revents & POLLIN);
  siginfo_t info;
  TRY(waitid((idtype_t)3, (id_t)descriptor, &info, WEXITED));
  SHOW(info.si_status);
  TRY(syscall(SYS_pidfd_send_signal, descriptor, 0, NULL, 0));
  TRY(syscall(SYS_pidfd_open, child, 0) == -1);
  TRY(syscall(SYS_pidfd_open, -1, 0));
  TRY(syscall(SYS_pidfd_open, getpid(), 1));
  return 0;
}
