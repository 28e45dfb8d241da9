// What the hostile programs share. They speak with write(2) alone, since many of them do not leave much else standing.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static inline void say(const char* format, ...) {
  char text[256];
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  if (write(1, text, length) != length) _exit(98);
}

// An error by its name where it is one of those that a limit gives.
static inline const char* limit_name(int error) {
  return error == EAGAIN ? "a limit" : error == ENOMEM ? "a limit" : strerrorname_np(error);
}

static inline void* map(size_t size, int protection, int flags) {
  return mmap(NULL, size, protection, flags | MAP_ANONYMOUS | ((flags & MAP_SHARED) ? 0 : MAP_PRIVATE), -1, 0);
}

static inline void* memory(size_t size) {
  void* const at = map(size, PROT_READ | PROT_WRITE, 0);
  if (at == MAP_FAILED) say("mmap: %s\n", strerrorname_np(errno)), _exit(97);
  return at;
}

static inline void* shared(size_t size) {
  void* const at = map(size, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (at == MAP_FAILED) say("mmap: %s\n", strerrorname_np(errno)), _exit(97);
  return at;
}

static inline void touch(void* at, size_t size) {
  const size_t page = sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < size; i += page) ((volatile char*)at)[i] = 1;
}

static inline void show_end(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) say("waitpid: %s\n", strerrorname_np(errno));
  else if (WIFEXITED(status)) say("exit %d\n", WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) say("killed by %d\n", WTERMSIG(status));
  else say("status %#x\n", status);
}

static inline int is(const char* mode, int argc, char** argv) { return argc > 1 && strcmp(argv[1], mode) == 0; }

enum { kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM };

// The system call itself: with a stack of its own the child may not return from where it is called.
static inline long raw_clone(unsigned long flags, void* stack, int* parent_tid, int* child_tid, void* tls) {
#if defined(__x86_64__)
  return syscall(SYS_clone, flags, stack, parent_tid, child_tid, tls);
#else
  return syscall(SYS_clone, flags, stack, parent_tid, tls, child_tid);
#endif
}
