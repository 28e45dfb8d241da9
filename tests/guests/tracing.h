// Tracing by ptrace(2), as the guests of this folder do it: alike on x86-64 and PPC64, with output that is the same in every run.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <sys/user.h>
#endif

// --- Registers ---
#if defined(__x86_64__)
typedef struct user_regs_struct regs_t;
#define PC(r) ((r).rip)
#define NUMBER(r) ((r).orig_rax)  // of the system call
#define ARG(r, n) (*(n == 0 ? &(r).rdi : n == 1 ? &(r).rsi : n == 2 ? &(r).rdx : n == 3 ? &(r).r10 : n == 4 ? &(r).r8 : &(r).r9))
static inline long result_of(const regs_t* r) { return (long)r->rax; }
static inline void set_result(regs_t* r, long value) { r->rax = (unsigned long)value; }
#define INTEGER(r) ((r).rbx)  // a register that calls keep
#define PC_OFFSET offsetof(struct user, regs.rip)
#define INTEGER_OFFSET offsetof(struct user, regs.rbx)
enum { kBreakpointSize = 1, kPastBreakpoint = 1 };
#else
// struct pt_regs of 64-bit programs (asm/ptrace.h): elf_gregset_t has 48 words.
typedef struct { unsigned long gpr[32], nip, msr, orig_gpr3, ctr, link, xer, ccr, softe, trap, dar, dsisr, result, more[4]; } regs_t;
#define PC(r) ((r).nip)
#define NUMBER(r) ((r).gpr[0])
#define ARG(r, n) ((r).gpr[3 + (n)])
static inline long result_of(const regs_t* r) { return r->ccr & 0x10000000 ? -(long)r->gpr[3] : (long)r->gpr[3]; }
static inline void set_result(regs_t* r, long value) {
  const int error = value < 0 && value > -4096;
  r->gpr[3] = (unsigned long)(error ? -value : value);
  r->ccr = error ? r->ccr | 0x10000000 : r->ccr & ~0x10000000ul;
}
#define INTEGER(r) ((r).gpr[30])
#define PC_OFFSET offsetof(regs_t, nip)
#define INTEGER_OFFSET offsetof(regs_t, gpr[30])
enum { kBreakpointSize = 4, kPastBreakpoint = 0 };
#endif

static inline regs_t get_regs(pid_t pid) {
  regs_t regs;
  memset(&regs, 0, sizeof regs);
  struct iovec iov = {&regs, sizeof regs};
  if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov) != 0) perror("PTRACE_GETREGSET"), exit(90);
  return regs;
}
static inline void set_regs(pid_t pid, regs_t* regs) {
  struct iovec iov = {regs, sizeof *regs};
  if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov) != 0) perror("PTRACE_SETREGSET"), exit(91);
}

// --- Words ---
static inline const char* signal_name(int signal) {
  static char number[24];
  const char* const name = sigabbrev_np(signal);
  if (name) return name;
  snprintf(number, sizeof number, "%d", signal);
  return number;
}
static inline const char* event_name(int event) {
  static const char* const names[] = {"", "FORK", "VFORK", "CLONE", "EXEC", "VFORK_DONE", "EXIT", "SECCOMP"};
  if (event == 128) return "STOP";
  return event >= 0 && event < 8 ? names[event] : "?";
}
static inline const char* status_text(int status) {
  static char text[80];
  if (WIFEXITED(status)) {
    snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
  } else if (WIFSIGNALED(status)) {
    snprintf(text, sizeof text, "killed by %s", signal_name(WTERMSIG(status)));
  } else if (WIFCONTINUED(status)) {
    snprintf(text, sizeof text, "continued");
  } else if (WIFSTOPPED(status)) {
    const int syscall_stop = (WSTOPSIG(status) & 0x80) != 0;
    snprintf(text, sizeof text, "stopped %s%s%s%s", signal_name(WSTOPSIG(status) & 0x7f), syscall_stop ? "|0x80" : "",
             status >> 16 ? " event " : "", event_name(status >> 16));
  } else {
    snprintf(text, sizeof text, "status %#x", status);
  }
  return text;
}
static inline const char* errno_text(long result) { return result == -1 ? strerrorname_np(errno) : "ok"; }

// Does what `call` says and prints how it went.
#define TRY(call) (errno = 0, attempt(#call, (long)(call)))
static inline long attempt(const char* what, long result) {
  printf("%s: %s\n", what, result == -1 && errno != 0 ? strerrorname_np(errno) : "ok");
  return result;
}

static inline long request(int request, pid_t pid, unsigned long address, unsigned long data) {
  return syscall(SYS_ptrace, (long)request, (long)pid, address, data);
}

static inline int wait_for(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, __WALL) < 0) perror("waitpid"), exit(92);
  return status;
}
static inline void show_wait(const char* what, pid_t pid) { printf("%s: %s\n", what, status_text(wait_for(pid))); }

// A child that lets itself be traced, stops, and then does its work.
static inline pid_t tracee(int (*work)(void)) {
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(93);
    raise(SIGSTOP);
    _exit(work());
  }
  const int status = wait_for(pid);
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP) printf("does not stop: %s\n", status_text(status)), exit(94);
  return pid;
}
// Its end, whatever it does until then.
static inline void end(pid_t pid) {
  kill(pid, SIGKILL);
  int status;
  while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) ptrace(PTRACE_CONT, pid, 0, 0);
}
