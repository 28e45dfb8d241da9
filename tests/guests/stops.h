// A tracee in each of the states that one can be in: the stops of ptrace(2), and those that are none.
#pragma once
#include "tracing.h"

enum Stop {
  kEntry, kExit, kEntryPlain, kSignal, kGroup, kGroupSeized, kListening, kExecEvent, kExecSignal, kForkEvent, kVforkEvent, kVforkDone,
  kCloneEvent, kNewChild, kNewSeizedChild, kExitEvent, kInterrupted, kInterruptedCall, kStepped, kBreakpoint, kAttached, kRunning, kZombie,
  kNotOurs, kStops
};
static const char* const stop_names[] = {
    "system call entry", "system call exit", "system call entry, no option", "signal", "group stop", "group stop, seized", "listening",
    "exec event", "exec SIGTRAP", "fork event", "vfork event", "vfork done", "clone event", "new child", "new child, seized", "exit event",
    "interrupted", "interrupted in a call", "stepped", "breakpoint", "attached", "running", "zombie", "not ours"};

static const char* self;  // the program's file
static volatile int* arrived;  // the tracee is where it stays: at one instruction
static pid_t others[8];
static int other_count;

#if defined(__x86_64__)
enum { kSysemu = 31, kSysemuStep = 32, kBlockStep = 33 };
static inline void breakpoint(void) { __asm__ volatile("int3"); }
static inline void spin(void) { __asm__ volatile("xorl %%eax, %%eax\nmovl $1, %0\n1: jmp 1b" : "=m"(*arrived)::"eax", "cc"); }
// Requests that write registers, or work on the debug store and segments.
static inline int kSets(long number) { return number == 4 || number == 5 || number == 6 || number == 13 || number == 15 || number == 19 || number == 26 || number == 30 || number == 0x4205 || number == 0x4203 || number == 0x420b || number == 0x4200 || number == 21; }
static inline int kHasSet(unsigned type) { return type != 0x46e62b7f && type != 0x202 && type != 0x201 && type != 0x200 && (type < 0x100 || type > 0x300); }
static inline int kSizeIsOurs(unsigned type) { return 1; }
// Not the segment registers and bases, nor the debug registers: they have tests of their own.
static inline int kMayPoke(long at) { return at < 0 || at >= 216 || at < 17 * 8 || at == 18 * 8 || at == 19 * 8; }
#else
enum { kSysemu = 0x1d, kSysemuStep = 0x1e, kBlockStep = 0x100 };
static inline void breakpoint(void) { __asm__ volatile("trap"); }
static inline void spin(void) {
  *arrived = 1;
  __asm__ volatile("1: b 1b");
}
static inline int kSets(long number) { return number == 4 || number == 5 || number == 6 || number == 13 || number == 15 || number == 0x13 || number == 0x15 || number == 0x17 || number == 0x1c || number == 26 || number == 0x87 || number == 0x88 || number == 0x4205 || number == 0x4203 || number == 0x420b || number == 0x4200 || number == 21; }
static inline int kHasSet(unsigned type) { return 1; }
static inline int kSizeIsOurs(unsigned type) { return 1; }
static inline int kMayPoke(long at) { return 1; }
#endif

static int leave(void* unused) {
  _exit(3);
  return 0;
}

// What the tracee does after its first stop.
static void work(enum Stop kind) {
  static char stack[65536] __attribute__((aligned(16)));
  switch (kind) {
    case kEntry: case kExit: case kEntryPlain: syscall(SYS_getpriority, 1, 2, 3); break;
    case kSignal: raise(SIGUSR1); break;
    case kExecEvent: case kExecSignal: execl(self, self, "executed", NULL); break;
    case kForkEvent: case kNewChild: case kNewSeizedChild: if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) _exit(3); break;
    case kVforkEvent: case kVforkDone: clone(leave, stack + sizeof stack - 64, CLONE_VM | CLONE_VFORK, NULL); break;
    case kCloneEvent: clone(leave, stack + sizeof stack - 64, CLONE_VM | SIGUSR2, NULL); break;
    case kExitEvent: _exit(15); break;
    case kBreakpoint: breakpoint(); break;
    case kInterruptedCall: *arrived = 1; for (;;) pause(); break;
    case kInterrupted: case kRunning: case kNotOurs: case kGroupSeized: case kListening: spin(); break;
    default: break;
  }
}

static int next_status(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, __WALL);
  return status;
}
static void go_on(pid_t pid, int how, int signal) { request(how, pid, 0, signal); }
static int event_of(int status) { return status >> 16; }

static pid_t child_of(enum Stop kind, int seize) {
  fflush(stdout);
  if (arrived == NULL) arrived = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *arrived = 0;
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGUSR1, SIG_IGN);
    if (!seize && kind != kAttached) {
      ptrace(PTRACE_TRACEME, 0, 0, 0);
      raise(SIGSTOP);
    } else {
      raise(SIGSTOP);
    }
    work(kind);
    _exit(15);
  }
  int status = 0;
  waitpid(pid, &status, WUNTRACED);
  if (seize) {
    if (request(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | (kind == kNewSeizedChild ? PTRACE_O_TRACEFORK : 0)) != 0) exit(94);
    next_status(pid);  // the group stop
    kill(pid, SIGCONT);
    // It reports that the group has been continued, and then the signal.
    do {
      go_on(pid, PTRACE_CONT, 0);
      status = next_status(pid);
    } while (event_of(status) != 0);
    go_on(pid, PTRACE_CONT, 0);
  }
  if (kind == kInterruptedCall || kind == kInterrupted || kind == kRunning || kind == kGroupSeized || kind == kListening) {
    if (!seize) go_on(pid, PTRACE_CONT, 0);
    while (!*arrived) usleep(100);
    if (kind == kInterruptedCall) usleep(20000);
  }
  return pid;
}

static pid_t stopped(enum Stop kind) {
  const int seize = kind == kGroupSeized || kind == kListening || kind == kInterrupted || kind == kInterruptedCall || kind == kNewSeizedChild;
  pid_t pid = child_of(kind, seize);
  other_count = 0;
  int status = 0;
  unsigned long message = 0;
  unsigned long options = kind == kEntryPlain ? 0 : PTRACE_O_TRACESYSGOOD;
  if (kind == kExecEvent) options |= PTRACE_O_TRACEEXEC;
  if (kind == kForkEvent || kind == kNewChild || kind == kNewSeizedChild) options |= PTRACE_O_TRACEFORK;
  if (kind == kVforkEvent) options |= PTRACE_O_TRACEVFORK;
  if (kind == kVforkDone) options |= PTRACE_O_TRACEVFORKDONE;
  if (kind == kCloneEvent) options |= PTRACE_O_TRACECLONE;
  if (kind == kExitEvent) options |= PTRACE_O_TRACEEXIT;
  switch (kind) {
    case kInterrupted:
    case kInterruptedCall:
      request(PTRACE_INTERRUPT, pid, 0, 0);
      next_status(pid);
      return pid;
    case kRunning: return pid;
    case kNotOurs: ptrace(PTRACE_DETACH, pid, 0, 0); return pid;
    case kAttached: {
      request(PTRACE_ATTACH, pid, 0, 0);
      next_status(pid);
      return pid;
    }
    case kGroup:
      go_on(pid, PTRACE_CONT, SIGSTOP);
      next_status(pid);
      return pid;
    default: break;
  }
  if (kind == kGroupSeized || kind == kListening) {
    kill(pid, SIGSTOP);
    for (;;) {
      status = next_status(pid);
      if (!WIFSTOPPED(status)) exit(93);
      if (event_of(status) == 128 && WSTOPSIG(status) == SIGSTOP) break;
      go_on(pid, PTRACE_CONT, event_of(status) ? 0 : WSTOPSIG(status));
    }
    if (kind == kListening) request(PTRACE_LISTEN, pid, 0, 0);
    return pid;
  }
  if (kind != kNewSeizedChild) request(PTRACE_SETOPTIONS, pid, 0, options);
  const int how = kind == kEntry || kind == kExit || kind == kEntryPlain ? PTRACE_SYSCALL : kind == kStepped ? PTRACE_SINGLESTEP : PTRACE_CONT;
  if (kind == kStepped) {
    go_on(pid, how, 0);
    next_status(pid);
    return pid;
  }
  if (how == PTRACE_SYSCALL) {
    for (;;) {
      go_on(pid, how, 0);
      if (!WIFSTOPPED(next_status(pid))) exit(93);
      regs_t regs = get_regs(pid);
      if (NUMBER(regs) == SYS_getpriority) break;
    }
    if (kind == kExit) go_on(pid, how, 0), next_status(pid);
    return pid;
  }
  if (kind != kNewSeizedChild) go_on(pid, how, 0);
  if (kind == kZombie) {
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    return pid;
  }
  next_status(pid);
  request(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
  if (kind == kForkEvent || kind == kVforkEvent || kind == kCloneEvent) {
    others[other_count++] = message;
    next_status(message);
  }
  if (kind == kNewChild || kind == kNewSeizedChild) {
    others[other_count++] = pid;
    pid = message;
    next_status(pid);
  }
  return pid;
}

static void end_all_of(pid_t pid) {
  int status;
  others[other_count++] = pid;
  for (int i = 0; i < other_count; ++i) {
    kill(others[i], SIGKILL);
    go_on(others[i], PTRACE_CONT, 0);  // of an exit's stop no signal is the end
  }
  while (waitpid(-1, &status, __WALL) > 0) {}
}
