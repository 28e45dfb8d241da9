// What the guests of several processes and threads share: children that leave nothing in a buffer, and their ends in words.
#pragma once
#ifndef _GNU_SOURCE
#error define _GNU_SOURCE first
#endif
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

// For calls that return an error number, as those of pthreads do.
#define GIVES(call)                                                              \
  do {                                                                           \
    const int error = (call);                                                    \
    printf("%s gives %s\n", #call, error == 0 ? "0" : strerrorname_np(error));   \
  } while (0)

static inline pid_t fork_flushed(void) {
  fflush(stdout);
  return fork();
}

static inline void leave(int code) {
  fflush(stdout);
  _exit(code);
}

static inline void show_status(const char* what, int status) {
  if (WIFEXITED(status)) printf("%s: exit %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: killed by %d\n", what, WTERMSIG(status));
  else if (WIFSTOPPED(status)) printf("%s: stopped by %d\n", what, WSTOPSIG(status));
  else if (WIFCONTINUED(status)) printf("%s: continued\n", what);
  else printf("%s: status %#x\n", what, status);
}

// Waits for a child and says how it ended.
static inline void show_end(const char* what, pid_t child) {
  int status = -1;
  const pid_t got = waitpid(child, &status, 0);
  if (got == child) show_status(what, status);
  else printf("%s: waitpid %s\n", what, got == -1 ? strerrorname_np(errno) : "another");
}

// Whoever started the program may have left signals ignored.
static inline void default_signals(void) {
  for (int number = 1; number <= SIGRTMAX; ++number) signal(number, SIG_DFL);
}

// A process that is about to be killed by a signal writes no core file.
static inline void no_core_file(void) { prctl(PR_SET_DUMPABLE, 0); }

static inline void* shared_memory(size_t size) {
  void* const at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) perror("mmap"), exit(99);
  return at;
}

// One turn of a loop that waits for another process or thread.
static inline void pause_briefly(void) { nanosleep(&(struct timespec){0, 200000}, NULL); }

// The kernel's clone(2), whose last two arguments are not everywhere in the same order.
static inline long raw_clone(unsigned long flags, void* stack, int* parent_tid, int* child_tid, void* tls) {
#if defined(__x86_64__)
  return syscall(SYS_clone, flags, stack, parent_tid, child_tid, tls);
#else
  return syscall(SYS_clone, flags, stack, parent_tid, tls, child_tid);
#endif
}
