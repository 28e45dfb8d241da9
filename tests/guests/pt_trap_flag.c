// Whose the trap flag is: a program that steps itself goes on doing so after its tracer has stepped it, and does not see the tracer's steps;
// over POPF and IRET, into and out of handlers, over system calls, through fork(2) and execve(2).
//: isa x86-64
#include "tracing.h"
#include <ucontext.h>

enum { kTf = 0x100 };

static void show(const char* what, pid_t pid) {
  const int status = wait_for(pid);
  printf("%s: %s", what, status_text(status));
  if (WIFSTOPPED(status)) {
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0) printf(" code %d", info.si_code);
    printf("%s", get_regs(pid).eflags & kTf ? ", TF" : "");
  } else {
    printf("\n");
    fflush(stdout);
    return;
  }
  printf("\n");
}
static void go(const char* how, pid_t pid) {
  for (; *how; ++how) {
    const int number = *how == 'c' ? PTRACE_CONT : *how == 's' ? PTRACE_SINGLESTEP : *how == 'b' ? 33 : *how == 'y' ? PTRACE_SYSCALL : PTRACE_DETACH;
    if (request(number, pid, 0, 0) != 0) return (void)printf("%c: %s\n", *how, strerrorname_np(errno));
    show((char[]){*how, 0}, pid);
  }
}

static volatile unsigned long seen;
static int own_flag(void) {
  __asm__ volatile("pushfq\norq $0x100, (%%rsp)\npopfq\nnop\nnop\nnop\nnop\nnop\nnop\nnop" ::: "cc", "memory");
  return 7;
}
static int look_at_flags(void) {
  __asm__ volatile("nop\npushfq\npopq %0\nnop\nnop" : "=m"(seen));
  return seen & kTf ? 1 : 0;
}
static int clear_flag(void) {
  __asm__ volatile("nop\npushfq\nandq $~0x100, (%%rsp)\npopfq\nnop\nnop\nnop" ::: "cc", "memory");
  return 8;
}
static int set_by_iret(void) {
  __asm__ volatile("mov %%rsp, %%rax\nmov %%ss, %%ecx\npush %%rcx\npush %%rax\npushfq\norq $0x100, (%%rsp)\nmov %%cs, %%ecx\npush %%rcx\nlea 1f(%%rip), %%rcx\npush %%rcx\niretq\n1: nop\nnop\nnop" ::: "rax", "rcx", "cc", "memory");
  return 9;
}
static int call_with_flag(void) {
  __asm__ volatile("pushfq\norq $0x100, (%%rsp)\npopfq\nmov $110, %%eax\nsyscall\nnop\nnop" ::: "rax", "rcx", "r11", "cc", "memory");
  return 10;
}
static volatile unsigned long in_frame;
static void handler(int signal, siginfo_t* info, void* context) { in_frame = ((ucontext_t*)context)->uc_mcontext.gregs[REG_EFL] & kTf; }
static int with_handler(void) {
  const struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return in_frame != 0 ? 1 : 11;
}
static int own_in_handler(void) {
  const struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  __asm__ volatile("pushfq\norq $0x100, (%%rsp)\npopfq\nnop" ::: "cc", "memory");
  raise(SIGUSR1);
  return in_frame != 0 ? 12 : 1;
}

static void steps(const char* name, int (*work)(void), const char* how) {
  printf("--- %s: %s\n", name, how);
  const pid_t pid = tracee(work);
  go(how, pid);
  end(pid);
}

// Until the program is where its own flag is set, which is after two or three stops.
int main(void) {
  steps("own flag", own_flag, "cccsccscb");
  steps("own flag", own_flag, "cssscbbcc");
  steps("own flag", own_flag, "cyysc");
  steps("own flag by IRET", set_by_iret, "cscsc");
  steps("a call with it", call_with_flag, "ccsccscc");
  steps("own flag in a handler", own_in_handler, "cccsc");

  // A tracer's step over each instruction: what the program sees of it.
  static int (*const works[])(void) = {look_at_flags, clear_flag, with_handler};
  for (int i = 0; i < 3; ++i) {
    const pid_t pid = tracee(works[i]);
    int steps = 0, status, flagged = 0;
    do {
      request(PTRACE_SINGLESTEP, pid, 0, 0);
      status = wait_for(pid);
      if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1) request(PTRACE_SINGLESTEP, pid, 0, SIGUSR1), status = wait_for(pid);
      if (WIFSTOPPED(status)) flagged += (get_regs(pid).eflags & kTf) != 0;
    } while (WIFSTOPPED(status) && ++steps < 20000);
    printf("stepped: %s, flag seen by the tracer %d times\n", status_text(status), flagged);
  }

  // The flag that a tracer writes is the program's.
  for (int i = 0; i < 4; ++i) {
    const pid_t pid = tracee(own_flag);
    if (i & 1) request(PTRACE_SINGLESTEP, pid, 0, 0), wait_for(pid);
    regs_t regs = get_regs(pid);
    regs.eflags = i & 2 ? regs.eflags & ~kTf : regs.eflags | kTf;
    set_regs(pid, &regs);
    printf("written %s%s: reads %s\n", i & 2 ? "off" : "on", i & 1 ? " after a step" : "", get_regs(pid).eflags & kTf ? "on" : "off");
    go("csc", pid);
    end(pid);
  }

  // Who dies while its tracee is to step leaves it with the flag; who detaches does not.
  for (int detach = 0; detach < 2; ++detach) {
    int pipes[2], status;
    if (pipe(pipes) != 0) return 95;
    const pid_t tracer = fork();
    if (tracer == 0) {
      const pid_t pid = fork();
      if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        close(pipes[0]);
        (void)!write(pipes[1], "x", 1);
        _exit(0);
      }
      close(pipes[1]);
      waitpid(pid, &status, 0);
      ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
      waitpid(pid, &status, 0);
      if (detach) ptrace(PTRACE_DETACH, pid, 0, 0);
      _exit(0);
    }
    close(pipes[1]);
    char byte;
    printf("%s: the tracee %s\n", detach ? "detached" : "tracer gone", read(pipes[0], &byte, 1) == 1 ? "goes on" : "ends");
    close(pipes[0]);
    waitpid(tracer, &status, 0);
  }
  return 0;
}
