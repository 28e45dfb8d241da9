// Random requests of ptrace(2), from a seed, to tasks in every stop there is, and in none: what each gives, and what becomes of the tasks, is
// printed. The same seed asks the same everywhere, so that two kernels can be compared.
//
// The tasks do what the tracer tells them by shared memory, one thing between two breakpoints. Only when all are at rest, by /proc, does it
// wait for them and go on.
//: args 9 150
//: args 18 150
//: args 4 100
//: args 1 150
//: args 14 150
#include "tracing.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// What only one instruction set has, or has otherwise, is asked where ONE_ISA is defined.
#ifdef ONE_ISA
enum { kAll = 1 };
#else
enum { kAll = 0 };
#endif
#if defined(__x86_64__)
static void breakpoint(void) { asm volatile("int3\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop" ::: "memory"); }
enum { kSysemu = 31, kSysemuStep = 32 };
#else
static void breakpoint(void) { asm volatile("trap\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop" ::: "memory"); }
enum { kSysemu = 0x1d, kSysemuStep = 0x1e };
#endif
enum { kNops = 8 };

// --- The tasks ---
enum { kTasks = 10, kStack = 32768 };
enum What { kNothing, kTraceMe, kCall, kRaise, kRaiseAll, kFork, kVfork, kThread, kExec, kExit, kExitGroup, kPause, kPoll, kRead, kTouch, kMask, kFault, kWhats };
static const char* const what_names[] = {"nothing", "TRACEME", "call", "raise", "raise for all", "fork", "vfork", "thread", "exec", "exit", "exit_group", "pause", "poll", "read", "touch", "mask", "fault"};

struct shared {
  volatile int slots;              // that have been given
  volatile int pid[kTasks];        // by the kernel
  volatile int untraced[kTasks];   // they come to rest by themselves
  volatile int starting[kTasks];   // between an exec and the program's first own instruction
  volatile int what[kTasks];       // to do next
  volatile long detail[kTasks];
  volatile int seen, signal, code, status;  // by a handler
};
static struct shared* shared;
static const char* self;
static _Alignas(64) volatile unsigned long watched[8];
static _Alignas(16) char stacks[kTasks][kStack];
static int ends[2];  // of a pipe that nobody writes to

static void handler(int number, siginfo_t* info, void* context) {
  shared->signal = number;
  shared->code = info->si_code;
  shared->status = number == SIGCHLD ? info->si_status : 0;
  ++shared->seen;
}

static int life(void* number);
static void new_task(int flags) {
  if (shared->slots >= kTasks) return;
  const int slot = shared->slots++;
  shared->untraced[slot] = 1;
  clone(life, stacks[slot] + kStack - 64, flags | CLONE_PARENT_SETTID, (void*)(long)slot, (int*)&shared->pid[slot], NULL, NULL);
}

static void act(int slot) {
  const int what = shared->what[slot];
  const long detail = shared->detail[slot];
  shared->what[slot] = kNothing;
  switch (what) {
    case kTraceMe: syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); break;
    case kCall: syscall(SYS_getpriority, 1, 2, 3); break;
    case kRaise: syscall(SYS_tkill, syscall(SYS_gettid), detail); break;
    // Not by kill(2): a tracer that has getpid(2) return -1 would send it to every process of the host.
    case kRaiseAll: {
      siginfo_t info = {.si_code = SI_QUEUE};
      syscall(SYS_rt_sigqueueinfo, syscall(SYS_getpid), detail, &info);
      break;
    }
    case kFork: new_task(detail); break;
    case kVfork: new_task(CLONE_VM | CLONE_VFORK); break;
    case kThread: new_task(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM); break;
    case kExec: {
      char fd[12];
      snprintf(fd, sizeof fd, "%d", ends[1] + 1);
      char* const arguments[] = {(char*)self, "life", fd, NULL};
      char* const nothing[] = {NULL};
      shared->starting[slot] = 1;
      syscall(SYS_execve, self, arguments, nothing);
      shared->starting[slot] = 0;
      break;
    }
    case kExit: syscall(SYS_exit, (int)detail); break;
    case kExitGroup: syscall(SYS_exit_group, (int)detail); break;
    case kPause: syscall(SYS_ppoll, NULL, 0, NULL, NULL, 8); break;
    case kPoll: syscall(SYS_poll, NULL, 0, -1); break;
    case kRead: { char byte; syscall(SYS_read, ends[0], &byte, 1); break; }
    case kTouch: watched[detail & 7] += detail & 8 ? 1 : 0; break;
    case kMask: { unsigned long mask = detail; syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8); break; }
    case kFault: *(volatile char*)8 = 1; break;
    default: break;
  }
}
static int life(void* number) {
  for (const int slot = (int)(long)number;;) {
    act(slot);
    if (shared->untraced[slot]) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 8);
    else breakpoint();
  }
}
static void prepare(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  for (int number = 1; number < 65; ++number) sigaction(number, &action, NULL);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR2, &action, NULL);
  action.sa_flags |= SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGRTMIN + 1, &action, NULL);
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, NULL);
  signal(SIGHUP, SIG_IGN);
}

// --- The tracer ---
static struct task {
  pid_t pid;
  int gone;
  int stop;  // the last that was reported
  int nops;  // that are next
  char text[160];
} tasks[kTasks];
static int task_count;

static const char* name_of_task(long pid) {
  static char text[16];
  if (pid == getpid()) return "us";
  for (int i = task_count - 1; i >= 0; --i) {
    if (tasks[i].pid != pid) continue;
    snprintf(text, sizeof text, "task %d", i);
    return text;
  }
  return pid > 99 ? "?" : pid == 0 ? "nobody" : "a number";
}

static int status_of(pid_t pid, char* text, size_t size) {
  char path[40], buffer[4096];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE* const file = fopen(path, "r");
  if (!file) return 'X';
  char line[200];
  int state = 'X', tracer = 0;
  unsigned long own = 0, all = 0, blocked = 0;
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, "State:", 6) == 0) state = line[7];
    sscanf(line, "TracerPid: %d", &tracer);
    sscanf(line, "SigPnd: %lx", &own);
    sscanf(line, "ShdPnd: %lx", &all);
    sscanf(line, "SigBlk: %lx", &blocked);
  }
  fclose(file);
  if (text) snprintf(text, size, "%c%s pending %lx %lx blocked %lx", state, tracer == getpid() ? " traced" : tracer ? " traced by another" : "", own, all, blocked);
  return state;
}

static char resting[kTasks];  // their states
static int rest(void) {
  int quiet = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    int same = 1, needed = 2;
    for (int i = 0; i < task_count; ++i) {
      if (tasks[i].gone) continue;
      const char now = status_of(tasks[i].pid, NULL, 0);
      if (now == 'R' || now != resting[i]) same = 0;
      if (now == 'D') needed = 8;  // by vfork, if it lasts
      resting[i] = now;
    }
    quiet = same ? quiet + 1 : 0;
    if (quiet >= needed) {
      int found = 0;
      // A slot is given before the task is there: its parent may be stopped on the way.
      for (; task_count < shared->slots; ++task_count) tasks[task_count] = (struct task){.gone = 1};
      for (int i = 0; i < task_count; ++i) {
        if (tasks[i].pid != 0 || shared->pid[i] == 0) continue;
        tasks[i] = (struct task){.pid = shared->pid[i]};
        resting[i] = 0;
        found = 1;
      }
      if (!found) return 1;
      quiet = 0;
    }
    if (turn > 2) usleep(50);
  }
  printf("they do not come to rest\n");
  return 0;
}

// What has become of one of them; 0 if it was not at rest.
static int see_task(int i) {
  struct task* const task = &tasks[i];
  int status;
  while (!task->gone && waitpid(task->pid, &status, WNOHANG | __WALL | WUNTRACED | WCONTINUED) == task->pid) {
    printf("    %d: %s\n", i, status_text(status));
    task->stop = status;
    if (WIFEXITED(status) || WIFSIGNALED(status)) task->gone = 1;
  }
  if (task->gone) return 1;
  siginfo_t info;
  if (resting[i] == 't' && WIFSTOPPED(task->stop) && WSTOPSIG(task->stop) == SIGTRAP && task->nops == 0 && request(PTRACE_GETSIGINFO, task->pid, 0, (long)&info) == 0) {
    if (info.si_signo == SIGTRAP && info.si_code == (kPastBreakpoint ? SI_KERNEL : TRAP_BRKPT)) {
      task->nops = kNops;
#if !defined(__x86_64__)
      regs_t regs = get_regs(task->pid);
      PC(regs) += 4;
      set_regs(task->pid, &regs);
#endif
    }
  }
  char text[160];
  if (status_of(task->pid, text, sizeof text) != resting[i]) return 0;
  if (strstr(text, " traced") != NULL) shared->untraced[i] = 0;
  if (strcmp(text, task->text) != 0) printf("    %d is %s\n", i, text);
  strcpy(task->text, text);
  return 1;
}

// What all that were not at rest have come to, in the order of the tasks.
static void see(void) {
  for (int done = 0; !done;) {
    if (!rest()) exit(5);
    done = 1;
    for (int i = 0; i < task_count; ++i) done &= see_task(i);
  }
  if (shared->seen) printf("    handled: %d times, %s code %d status %d\n", shared->seen, signal_name(shared->signal), shared->code, shared->status);
  shared->seen = 0;
}

static void first_task(void) {
  fflush(stdout);
  for (int i = 0; i < kTasks; ++i) shared->what[i] = shared->starting[i] = shared->untraced[i] = shared->pid[i] = 0;
  shared->slots = 1;
  shared->untraced[0] = 1;
  task_count = 1;
  const int trace_me = chance(50);
  if (trace_me) shared->what[0] = kTraceMe, shared->untraced[0] = 0;
  const pid_t pid = fork();
  if (pid == 0) {
    prepare();
    shared->pid[0] = syscall(SYS_getpid);
    life(0);
  }
  while (shared->pid[0] == 0) usleep(100);
  tasks[0] = (struct task){.pid = pid};
  resting[0] = 0;
  printf("a new task%s\n", trace_me ? " that lets itself be traced" : "");
  see();
}

static void end_all(void) {
  for (int i = 0; i < task_count; ++i) {
    if (tasks[i].gone) continue;
    request(PTRACE_SETOPTIONS, tasks[i].pid, 0, 0);
    kill(tasks[i].pid, SIGKILL);
    request(PTRACE_CONT, tasks[i].pid, 0, 0);
  }
  int status;
  alarm(10);
  pid_t pid;
  while ((pid = waitpid(-1, &status, __WALL)) > 0) {
    if (WIFSTOPPED(status)) request(PTRACE_CONT, pid, 0, 0);
  }
  alarm(0);
  task_count = 0;
}

static const int signals[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD, SIGSTOP, SIGCONT, SIGWINCH, SIGUSR1, SIGUSR2, SIGSTOP, SIGCONT, 35, 35, SIGTERM, SIGTRAP, SIGSEGV, SIGKILL};
static int harmless(void) { return signals[below(13)]; }
static int any_signal(void) { return chance(90) ? harmless() : signals[below(COUNT(signals))]; }

static const char* result_of_request(long result) {
  static char text[32];
  if (result == -1) return strerrorname_np(errno) ? strerrorname_np(errno) : (snprintf(text, sizeof text, "errno %d", errno), text);
  snprintf(text, sizeof text, "%ld", result);
  return text;
}
static void say(long result) { printf("= %s", result_of_request(result)); }

static void tell_task(int i) {
  int what = below(kWhats);
  if (what == kExit || what == kExitGroup || what == kFault) {
    if (chance(60)) what = kTouch;
  }
  if (shared->slots > kTasks - 2 && (what == kFork || what == kVfork || what == kThread)) what = kCall;
  long detail = next() & 15;
  if (what == kRaise || what == kRaiseAll) detail = any_signal();
  if (what == kFork) detail = chance(50) ? SIGCHLD : chance(50) ? SIGUSR1 : 0;
  if (what == kMask) detail = chance(40) ? 0 : 1ul << (SIGUSR1 - 1) | 1ul << (chance(50) ? SIGUSR2 - 1 : 34);
  shared->what[i] = what;
  shared->detail[i] = detail;
  printf("task %d: does %s %ld", i, what_names[what], detail);
}

static void resume(struct task* task) {
  static const int kinds[] = {PTRACE_CONT, PTRACE_CONT, PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SYSCALL, PTRACE_SINGLESTEP, kSysemu, kSysemuStep};
  static const char* const names[] = {"CONT", "CONT", "CONT", "SYSCALL", "SYSCALL", "SINGLESTEP", "SYSEMU", "SYSEMU_SINGLESTEP"};
  unsigned kind = below(kAll ? 8 : 6);
  if (!kAll && (shared->starting[task - tasks] || (kind == 5 && task->nops < 2))) kind = 0;
  int signal = 0;
  const int stop = WIFSTOPPED(task->stop) && task->stop >> 16 == 0 ? WSTOPSIG(task->stop) & 0x7f : 0;
  if (chance(30)) signal = stop == SIGTRAP || stop == SIGSEGV ? harmless() : stop;
  else if (chance(10)) signal = any_signal();
  else if (chance(1)) signal = chance(50) ? 65 : -1;
  printf("%s %d ", names[kind], signal);
  const long got = request(kinds[kind], task->pid, 0, (long)signal);
  say(got);
  if (got == 0) task->nops = kind == 5 && signal == 0 && task->nops > 0 ? task->nops - 1 : 0;
}

static void signal_information(struct task* task) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (chance(60)) {
    const long got = request(PTRACE_GETSIGINFO, task->pid, 0, (long)&info);
    printf("GETSIGINFO "), say(got);
    if (got != 0) return;
    printf(" %s", signal_name(info.si_signo));
    const int fault = info.si_code > 0 && info.si_code < 0x100;
    if (!kAll && info.si_signo == SIGTRAP && fault) return;
    printf(" code %#x errno %d", info.si_code, info.si_errno);
    if (fault && info.si_signo == SIGSEGV) printf(" at %#lx", (long)info.si_addr);
    if (fault && info.si_signo == SIGTRAP && (char*)info.si_addr >= (char*)watched && (char*)info.si_addr < (char*)(watched + 8)) printf(" watched +%ld", (long)((char*)info.si_addr - (char*)watched));
    if (!fault || info.si_signo == SIGCHLD) printf(" from %s", name_of_task(info.si_pid));
    if (info.si_signo == SIGCHLD) printf(" status %d", info.si_status);
    if (info.si_code == SI_QUEUE) printf(" value %d", info.si_value.sival_int);
    return;
  }
  static const int codes[] = {0, -1, 1, 6, 7, 0x80, SIGTRAP | 0x80, 77, -6, -7, -60, SIGTRAP | 128 << 8};
  info.si_signo = chance(80) ? harmless() : (int)below(99);
  info.si_code = codes[below(COUNT(codes))];
  if (chance(20)) ((char*)&info)[47 + below(70)] = 1;
  printf("SETSIGINFO %d %#x ", info.si_signo, info.si_code);
  say(request(PTRACE_SETSIGINFO, task->pid, 0, chance(5) ? 8 : (long)&info));
}

static void pending_signals(struct task* task) {
  siginfo_t infos[8];
  struct { uint64_t off; uint32_t flags; int32_t nr; } peek;
  peek.off = chance(70) ? 0 : below(3), peek.flags = chance(95) ? below(2) : 2, peek.nr = (int)below(7) - chance(10);
  printf("PEEKSIGINFO %lu %u %d ", (long)peek.off, peek.flags, peek.nr);
  const int bad = chance(10) ? 1 + below(2) : 0;
  const long got = request(PTRACE_PEEKSIGINFO, task->pid, bad == 1 ? 8 : (long)&peek, bad == 2 ? 8 : (long)infos);
  say(got);
  for (long i = 0; i < got; ++i) printf(" %s/%d/%s", signal_name(infos[i].si_signo), infos[i].si_code, infos[i].si_code <= 0 ? name_of_task(infos[i].si_pid) : "");
}

static void memory(struct task* task) {
  static const unsigned long odd[] = {0, 8, 1ul << 47, 1ul << 63, ~0ul, ~0ul - 3};
  const unsigned long at = chance(80) ? (unsigned long)watched + below(57) : odd[below(COUNT(odd))];
  unsigned long word = 0;
  const int poke = chance(50), text = chance(50);
  const unsigned long bytes = chance(50) ? 0 : ~0ul;  // alike in both orders of bytes
  printf("%s%s ", poke ? "POKE" : "PEEK", text ? "TEXT" : "DATA");
  if (poke) {
    say(request(text ? PTRACE_POKETEXT : PTRACE_POKEDATA, task->pid, at, bytes));
  } else {
    const int bad = chance(5);
    say(request(text ? PTRACE_PEEKTEXT : PTRACE_PEEKDATA, task->pid, at, bad ? 8 : (long)&word));
  }
}

static void registers(struct task* task) {
  static _Alignas(16) unsigned char room[8192];
  static const unsigned types[] = {NT_PRSTATUS, NT_PRSTATUS, NT_PRFPREG, 0, 3, 0x46e62b7f, 0x201, 0x203, 0x300, 0x405, ~0u};
  const unsigned type = kAll ? types[below(COUNT(types))] : chance(80) ? NT_PRSTATUS : 3;
  const unsigned long length = chance(30) ? 216 : chance(80) ? below(28) * 8 : kAll ? below(5000) : below(200);
  struct iovec iov = {chance(95) ? room : (void*)8, length};
  printf("GETREGSET %#x %lu ", type, length);
  const long got = request(PTRACE_GETREGSET, task->pid, type, chance(97) ? (long)&iov : 8);
  say(got);
  if (got != 0) return;
  printf(" of %zu", iov.iov_len);
  if (chance(50)) return;
  // Back as it is, whole or in part.
  if (chance(30)) iov.iov_len = below(iov.iov_len / 8 + 1) * 8;
  printf(", SETREGSET %zu ", iov.iov_len);
  say(request(PTRACE_SETREGSET, task->pid, type, (long)&iov));
}

static void user_area(struct task* task) {
  unsigned long word = 0;
  if (!kAll || chance(30)) {
    const unsigned long place = INTEGER_OFFSET + (chance(5) ? 1 : 0), value = next();
    unsigned long old = 0;
    request(PTRACE_PEEKUSER, task->pid, place, (long)&old);
    printf("POKEUSER "), say(request(PTRACE_POKEUSER, task->pid, place, value));
    if (request(PTRACE_PEEKUSER, task->pid, place, (long)&word) == 0) printf(" %s", word == value ? "written" : "another");
    request(PTRACE_POKEUSER, task->pid, place, old);
    return;
  }
#if defined(__x86_64__)
  const long debug = offsetof(struct user, u_debugreg);
  const unsigned n = below(8);
  if (chance(35)) {
    printf("PEEKUSER DR%u ", n);
    const long got = request(PTRACE_PEEKUSER, task->pid, debug + 8 * n, (long)&word);
    say(got);
    if (got == 0) printf(" %lx", word);
  } else if (chance(80)) {
    unsigned long value;
    if (n < 4) {
      value = (unsigned long)watched + (chance(80) ? 8 * below(8) : below(64));
      if (chance(10)) value = chance(50) ? 0 : 1ul << (below(2) ? 47 : 63);
    } else if (n < 7) {
      value = chance(50) ? 0 : next() & 0xffff;
    } else {
      value = 0;
      for (int i = 0; i < 4; ++i) {
        if (chance(50)) value |= (chance(80) ? 1ul : below(4)) << 2 * i;
        static const unsigned kinds[] = {0, 1, 3, 1, 3, 2};
        value |= (unsigned long)(kinds[below(6)] | below(4) << 2) << (16 + 4 * i);
      }
      if (chance(5)) value |= next() & 0xff00;
    }
    printf("POKEUSER DR%u %lx ", n, n < 4 && value >> 32 == 0 ? value - (unsigned long)watched : value);
    say(request(PTRACE_POKEUSER, task->pid, debug + 8 * n, value));
  } else {
    // System calls that are others, or none.
    static const long numbers[] = {-1, SYS_getppid, 9999, SYS_gettid};
    const long number = numbers[below(4)];
    const int result = chance(40);
    if (chance(10) && request(PTRACE_PEEKUSER, task->pid, 15 * 8, (long)&word) == 0) printf("orig_rax %ld ", (long)word);
    if (task->stop == (SIGTRAP << 8 | 0x7f) || WSTOPSIG(task->stop) == (SIGTRAP | 0x80)) {
      printf("POKEUSER %s %ld ", result ? "rax" : "orig_rax", number);
      say(request(PTRACE_POKEUSER, task->pid, result ? 10 * 8 : 15 * 8, number));
    }
  }
#endif
}

static void system_call_information(struct task* task) {
  unsigned char room[128];
  memset(room, 0x77, sizeof room);
  const unsigned size = chance(50) ? 128 : below(12) * 8;
  const long got = request(PTRACE_GET_SYSCALL_INFO, task->pid, size, chance(4) ? 8 : (long)room);
  printf("GET_SYSCALL_INFO %u ", size), say(got);
  if (got < 0 || size == 0) return;
  printf(" op %d", room[0]);
  int64_t value;
  memcpy(&value, room + 24, 8);
  if (size >= 40 && room[0] == 2) printf(" value %s error %d", value < 0 ? strerrorname_np(-value) : value > 99 ? name_of_task(value) : "small", room[32]);
}

static void mask(struct task* task) {
  unsigned long bits = 0;
  const long size = chance(95) ? 8 : 4;
  if (chance(50)) {
    const long got = request(PTRACE_GETSIGMASK, task->pid, size, (long)&bits);
    printf("GETSIGMASK "), say(got);
    if (got == 0) printf(" %lx", bits);
  } else {
    bits = chance(50) ? 0 : chance(30) ? ~0ul : next() & (1ul << (SIGUSR1 - 1) | 1ul << (SIGUSR2 - 1) | 1ul << 34 | 1ul << (SIGCHLD - 1) | 1ul << (SIGTERM - 1));
    printf("SETSIGMASK %lx ", bits), say(request(PTRACE_SETSIGMASK, task->pid, size, chance(96) ? (long)&bits : 8));
  }
}

static void event_message(struct task* task) {
  unsigned long message = 0;
  const long got = request(PTRACE_GETEVENTMSG, task->pid, 0, chance(97) ? (long)&message : 8);
  printf("GETEVENTMSG "), say(got);
  if (got == 0 && message > 99 && (message & 0x80ff) != 0 && strcmp(name_of_task(message), "?") != 0) printf(" %s", name_of_task(message));
  else if (got == 0) printf(" %#lx", message);
}

static unsigned long some_options(void) {
  unsigned long options = 0;
  for (int bit = 0; bit < 7; ++bit) options |= (unsigned long)chance(bit == 6 ? 30 : 60) << bit;
  if (chance(10)) options |= PTRACE_O_EXITKILL;
  if (chance(4)) options |= 1ul << (8 + below(12));
  if (chance(2)) options |= 1ul << (22 + below(42));
  return options;
}

static void unknown(struct task* task) {
  static const long numbers[] = {-1, 10, 11, 0x5210, 0x8000, 0x420c, 0x420d, 1000};
  const long number = numbers[below(COUNT(numbers))];
  printf("request %ld ", number), say(request(number, task->pid, 0, 0));
}

// Mostly what can be of use: a task that nobody traces is to be traced, one that is not stopped to be stopped.
static unsigned some_request(const struct task* task) {
  const char kind = task->text[0];
  const int traced = strstr(task->text, " traced") != NULL;
  if (chance(15)) return below(40);
  if (!traced && kind != 'Z') return 29 + below(2);
  if (traced && kind == 'S') return chance(40) ? 27 : 33 + below(5);
  return below(40);
}

static void act_on(int i) {
  struct task* const task = &tasks[i];
  printf("task %d: ", i);
  switch (some_request(task)) {
    case 0: case 1: case 2: case 3: case 4: case 5: case 6: case 7: case 8: case 9: case 10: case 11: resume(task); break;
    case 12: case 13: signal_information(task); break;
    case 14: pending_signals(task); break;
    case 15: memory(task); break;
    case 16: case 17: registers(task); break;
    case 18: case 19: case 20: user_area(task); break;
    case 21: case 22: system_call_information(task); break;
    case 23: mask(task); break;
    case 24: event_message(task); break;
    case 25: case 26: { const unsigned long options = some_options(); printf("SETOPTIONS %lx ", options); say(request(chance(95) ? PTRACE_SETOPTIONS : 21, task->pid, 0, options)); break; }
    case 27: printf("INTERRUPT "), say(request(PTRACE_INTERRUPT, task->pid, 0, 0)); break;
    case 28: printf("LISTEN "), say(request(PTRACE_LISTEN, task->pid, 0, 0)); break;
    case 29: { const unsigned long options = some_options(); printf("SEIZE %lx ", options); say(request(PTRACE_SEIZE, task->pid, chance(97) ? 0 : 1, options)); break; }
    case 30: printf("ATTACH "), say(request(PTRACE_ATTACH, task->pid, 0, 0)); break;
    case 31: {
      const int signal = chance(50) ? 0 : harmless();
      const int was = shared->untraced[i];
      shared->untraced[i] = 1;
      printf("DETACH %d ", signal);
      const long got = request(PTRACE_DETACH, task->pid, 0, signal);
      say(got);
      if (got != 0) shared->untraced[i] = was;
      else task->nops = 0;
      break;
    }
    case 32: if (chance(20)) printf("KILL "), say(request(PTRACE_KILL, task->pid, 0, 0)); else unknown(task); break;
    case 33: case 34: { const int signal = any_signal(); printf("tkill %d ", signal); say(syscall(SYS_tkill, task->pid, signal)); break; }
    case 35: case 36: { const int signal = any_signal(); printf("kill %d ", signal); say(syscall(SYS_kill, task->pid, signal)); break; }
    case 37: { const int signal = harmless(); printf("sigqueue %d ", signal); say(sigqueue(task->pid, signal, (union sigval){below(9)})); break; }
    default: {
      printf("-\n");
      tell_task(i);
      break;
    }
  }
  printf("\n");
}

int main(int argc, char** argv) {
  self = argv[0];
  if (argc > 2 && strcmp(argv[1], "life") == 0) {
    const int fd = atoi(argv[2]);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ends[0] = fd - 2, ends[1] = fd - 1;
    prepare();
    int slot = 0;
    while (shared->pid[slot] != syscall(SYS_getpid)) ++slot;
    memset((void*)shared->starting, 0, sizeof shared->starting);
    life((void*)(long)slot);
  }
  const unsigned steps = argc > 2 ? atoi(argv[2]) : 400;
  state = 88172645463325252ull ^ (strtoull(argc > 1 ? argv[1] : "1", 0, 0) * 0x9e3779b97f4a7c15ull);
  for (int i = 0; i < 20; ++i) next();
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGUSR1, SIG_IGN);  // by the end of an orphan
  pipe(ends);
  const int fd = syscall(SYS_memfd_create, "shared", 0);
  if (dup2(fd, ends[1] + 1) < 0) exit(4);
  ftruncate(fd, 65536);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (unsigned step = 0; step < steps; ++step) {
    int live = 0;
    for (int i = 0; i < task_count; ++i) live += !tasks[i].gone;
    if (live == 0 || chance(1)) end_all(), first_task();
    int i;
    do i = below(task_count); while (tasks[i].gone);
    printf("%u ", step);
    if (chance(25)) tell_task(i), printf("; ");
    act_on(i);
    see();
  }
  end_all();
  return 0;
}
