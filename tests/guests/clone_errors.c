// clone(2) and clone3(2): combinations that are refused, and some that one would expect to be.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <stdint.h>
#include "tasks.h"
#include <sched.h>

static void show_end_of(const char* name, long child) {
  if (child == 0) _exit(3);
  printf("%s: ", name);
  if (child < 0) {
    puts(strerrorname_np(errno));
    return;
  }
  int status = -1;
  printf("%d ", waitpid((pid_t)child, &status, __WALL) == child);
  show_status("made", status);
}
static void try(const char* name, unsigned long flags, int* parent_tid, int* child_tid) {
  fflush(stdout);
  show_end_of(name, raw_clone(flags, NULL, parent_tid, child_tid, NULL));
}
static void try_three(const char* name, struct clone_args arguments, size_t size) {
  fflush(stdout);
  show_end_of(name, syscall(SYS_clone3, &arguments, size));
}

int main(void) {
  int tid = 0;
  try("CLONE_SIGHAND alone", CLONE_SIGHAND | SIGCHLD, NULL, NULL);
  try("CLONE_THREAD alone", CLONE_THREAD | SIGCHLD, NULL, NULL);
  try("CLONE_THREAD CLONE_VM", CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL);
  try("CLONE_THREAD CLONE_SIGHAND", CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, NULL, NULL);
  try("CLONE_PIDFD CLONE_PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, &tid, NULL);
  try("CLONE_PIDFD CLONE_DETACHED", CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, &tid, NULL);
  try("CLONE_PIDFD nowhere", CLONE_PIDFD | SIGCHLD, (int*)8, NULL);
  try("plain", SIGCHLD, NULL, NULL);
  try("CLONE_DETACHED", CLONE_DETACHED | SIGCHLD, NULL, NULL);
  try("CLONE_PARENT_SETTID nowhere", CLONE_PARENT_SETTID | SIGCHLD, (int*)8, NULL);
  try("CLONE_CHILD_SETTID nowhere", CLONE_CHILD_SETTID | SIGCHLD, NULL, (int*)8);
  try("CLONE_CHILD_CLEARTID nowhere", CLONE_CHILD_CLEARTID | SIGCHLD, NULL, (int*)8);
  try("no exit signal", 0, NULL, NULL);
  try("exit signal 100", 100, NULL, NULL);
  try("CLONE_UNTRACED CLONE_PTRACE CLONE_SYSVSEM CLONE_IO", CLONE_UNTRACED | CLONE_PTRACE | CLONE_SYSVSEM | CLONE_IO | SIGCHLD, NULL, NULL);

  enum { kFirst = 64, kWhole = sizeof(struct clone_args) };
  const struct clone_args plain = {.exit_signal = SIGCHLD};
  struct clone_args changed = plain;
  try_three("clone3", plain, kWhole);
  try_three("clone3 of the first size", plain, kFirst);
  try_three("clone3 too small", plain, kFirst - 8);
  try_three("clone3 of size 0", plain, 0);
  struct { struct clone_args first; uint64_t more[4]; } larger = {.first = plain};
  fflush(stdout);
  show_end_of("clone3 larger, of zeros", syscall(SYS_clone3, &larger, sizeof larger));
  larger.more[3] = 1;
  fflush(stdout);
  show_end_of("clone3 larger", syscall(SYS_clone3, &larger, sizeof larger));
  fflush(stdout);
  show_end_of("clone3 huge", syscall(SYS_clone3, &larger, 1 << 20));
  fflush(stdout);
  show_end_of("clone3 nowhere", syscall(SYS_clone3, 8, kWhole));
  changed.flags = SIGCHLD;
  try_three("clone3 with a signal in its flags", changed, kWhole);
  changed = plain, changed.exit_signal = 65;
  try_three("clone3 with exit signal 65", changed, kWhole);
  changed = plain, changed.exit_signal = 0;
  try_three("clone3 with exit signal 0", changed, kWhole);
  changed = plain, changed.flags = CLONE_DETACHED;
  try_three("clone3 CLONE_DETACHED", changed, kWhole);
  changed = plain, changed.stack = (uintptr_t)&larger;
  try_three("clone3 with a stack of size 0", changed, kWhole);
  changed = plain, changed.stack_size = 4096;
  try_three("clone3 with a size and no stack", changed, kWhole);
  changed = plain, changed.flags = CLONE_SIGHAND;
  try_three("clone3 CLONE_SIGHAND", changed, kWhole);
  changed.flags = CLONE_VM | CLONE_SIGHAND | 0x100000000;
  try_three("clone3 CLONE_SIGHAND CLONE_CLEAR_SIGHAND", changed, kWhole);
  changed.flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
  try_three("clone3 CLONE_THREAD with an exit signal", changed, kWhole);
  changed.flags = 1ull << 60;
  try_three("clone3 of unknown flags", changed, kWhole);
  TRY(waitpid(-1, NULL, __WALL));
  return 0;
}
