//: isa x86-64
// prctl(2), PR_SET_SYSCALL_USER_DISPATCH: calls that come back as SIGSYS, by a byte and by where they come from, and what
// fork(2) and execve(2) make of it.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include "tasks.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF 0
#define PR_SYS_DISPATCH_ON 1
#endif
enum { kAllow, kBlock };

static volatile char selector = kAllow;
static volatile int caught, number, code, error, wrong;

// Call 0x5000 has no meaning but the one that the handler gives it.
static void handler(int signal, siginfo_t* info, void* context) {
  selector = kAllow;
  greg_t* const registers = ((ucontext_t*)context)->uc_mcontext.gregs;
  ++caught;
  number = info->si_syscall, code = info->si_code, error = info->si_errno;
  wrong += signal != SIGSYS || info->si_arch != 0xc000003e || (greg_t)info->si_call_addr != registers[REG_RIP] ||
           registers[REG_RAX] != number;
  registers[REG_RAX] = 4711;
}

static long call(long n) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(0) : "rcx", "r11", "memory");
  return result;
}

int main(int argc, char** argv) {
  if (argc > 1) {
    printf("a new program makes its calls\n");
    return 0;
  }
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, 0);
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, 2, 0, 0, 0));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 1, 0, 0));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, &selector));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 1, 0, &selector));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 1, -1L, &selector));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, -1L));
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector));
  SHOW(call(0x5000));
  selector = kBlock;
  const long result = call(0x5000);
  SHOW(result);
  printf("caught %d: number %#x, code %d, errno %d, wrong %d\n", caught, number, code, error, wrong);
  selector = kBlock;
  const long known = call(SYS_getppid);
  printf("%ld instead of getppid, number %d\n", known, number);

  // A child starts without.
  const pid_t child = fork_flushed();
  if (child == 0) {
    selector = kBlock;
    printf("child: %ld\n", call(0x5000));
    exit(0);
  }
  waitpid(child, 0, 0);

  // What lies in the range is let through. (The library's own calls are elsewhere, so the byte stands for them.)
  TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, (long)call, 64, &selector));
  caught = 0;
  selector = kBlock;
  const long allowed = call(0x5000);
  selector = kAllow;
  printf("in the range %ld, caught %d\n", allowed, caught);

  // Another value of the byte, or none, is the end.
  for (int how = 0; how < 2; ++how) {
    const pid_t ends = fork_flushed();
    if (ends == 0) {
      prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, how == 0 ? (char*)&selector : (char*)8);
      selector = 2;
      call(SYS_getpid);
      _exit(1);
    }
    int status = 0;
    waitpid(ends, &status, 0);
    printf("ended by %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "nothing");
  }
  prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector);
  fflush(stdout);
  char* const arguments[] = {argv[0], "again", 0};
  execv("/proc/self/exe", arguments);
  return 1;
}
