// Random lives of tasks: task_fuzzer SEED [ACTIONS]. Processes and threads are made by clone(2) in all its ways; they trace, signal,
// stop, kill, execute and wait for each other, and end, at random. Who is still there when the first process has done its actions ends
// with it. Nothing is expected of it but that whatever runs it survives, and says the same each time.
#include "hostile.h"

#include <elf.h>
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/uio.h>

enum { kMostTasks = 200, kTasksAtOnce = 24, kActions = 200, kWorldFd = 100, kDepth = 4, kStack = 65536 };

// What all of them share, also through an execve(2): the numbers of the tasks made last.
struct world {
  volatile int tids[kTasksAtOnce];
  volatile unsigned made;
};
static struct world* world;

static unsigned next(uint64_t* seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(*seed >> 33);
}
static unsigned below(uint64_t* seed, unsigned n) { return next(seed) % n; }
#define PICK(seed, array) ((array)[below(seed, sizeof(array) / sizeof *(array))])

static void enter(int tid) { world->tids[__sync_fetch_and_add(&world->made, 1) % kTasksAtOnce] = tid; }
static int someone(uint64_t* seed) { return world->tids[below(seed, kTasksAtOnce)]; }

static const int signals[] = {SIGUSR1, SIGUSR2, SIGCHLD, SIGTRAP, SIGSTOP, SIGTSTP, SIGCONT, SIGCONT, SIGCONT, SIGTERM, SIGSEGV,
                              SIGALRM, 34,      40,      SIGKILL, SIGHUP};
static int some_signal(uint64_t* seed) { return PICK(seed, signals); }

static volatile int hits[4];
static void on_signal(int signal) { ++hits[signal & 3]; }

static void live(uint64_t seed, int depth, int actions);

// Who may make another task now.
static int may_make(int depth) { return depth < kDepth && world->made < kMostTasks; }

static struct { uint64_t seed; int depth, actions; } handed[kMostTasks + kTasksAtOnce];

static void thread(void* what) {
  const int n = (int)(intptr_t)what;
  enter(syscall(SYS_gettid));
  live(handed[n].seed, handed[n].depth, handed[n].actions);
  syscall(SYS_exit, 0);
}

static int run_thread(void* what) { thread(what); return 0; }

static void make_task(uint64_t* seed, int depth) {
  static const unsigned shares[] = {0, CLONE_VM, CLONE_FILES, CLONE_FS, CLONE_VM | CLONE_SIGHAND, kThread, kThread, kThread};
  static const unsigned extras[] = {0, 0, CLONE_PARENT, CLONE_PTRACE, CLONE_UNTRACED, CLONE_VFORK, CLONE_VFORK | CLONE_PTRACE};
  const unsigned flags = PICK(seed, shares) | PICK(seed, extras);
  static const int ends[] = {SIGCHLD, SIGCHLD, SIGCHLD, 0, SIGUSR1, SIGKILL, SIGSTOP};
  const int end = flags & CLONE_THREAD ? 0 : PICK(seed, ends);
  const uint64_t theirs = *seed ^ 0x5bd1e9955bd1e995u;
  const int actions = 5 + below(seed, 40);
  if (flags & CLONE_VM) {
    static volatile unsigned used;
    const unsigned n = __sync_fetch_and_add(&used, 1);
    if (n >= sizeof handed / sizeof *handed) return;
    handed[n].seed = theirs, handed[n].depth = depth + 1, handed[n].actions = actions;
    char* const stack = map(kStack, PROT_READ | PROT_WRITE, 0);
    if (stack != MAP_FAILED) clone(run_thread, stack + kStack - 64, flags | end, (void*)(intptr_t)n);
    return;
  }
  if (syscall(SYS_clone, (unsigned long)(flags | end), 0, 0, 0, 0) == 0) {
    enter(syscall(SYS_gettid));
    live(theirs, depth + 1, actions);
    syscall(SYS_exit_group, below(seed, 256));
  }
}

static void execute(uint64_t* seed, int depth) {
  char number[24], level[8];
  snprintf(number, sizeof number, "%llu", (unsigned long long)next(seed));
  snprintf(level, sizeof level, "%d", depth + 1);
  char* const arguments[] = {"task_fuzzer", number, "20", level, NULL};
  execve("/proc/self/exe", arguments, environ);
}

static long request(long request, int tid, unsigned long address, unsigned long data) {
  return syscall(SYS_ptrace, request, tid, address, data);
}

#if defined(__x86_64__)
enum { kSysemu = 31, kSysemuStep = 32, kBlockStep = 33 };
#else
enum { kSysemu = 0x1d, kSysemuStep = 0x1e, kBlockStep = 0x100 };
#endif
static const int resumptions[] = {PTRACE_CONT, PTRACE_CONT, PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SINGLESTEP, kBlockStep, kSysemu, kSysemuStep};

static const unsigned options[] = {0, 0xff, PTRACE_O_TRACESYSGOOD, 0x7f, PTRACE_O_TRACEEXIT, 0x10000e, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL,
                                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK, 0xffffffff};

static void arm(uint64_t* seed, int tid) {
  const unsigned long at = (unsigned long)&hits[below(seed, 4)];
#if defined(__x86_64__)
  const unsigned n = below(seed, 4);
  request(PTRACE_POKEUSER, tid, 848 + 8 * n, at);
  request(PTRACE_POKEUSER, tid, 848 + 8 * 7, below(seed, 3) == 0 ? next(seed) : 1ul << 2 * n | 0xdul << (16 + 4 * n));
#else
  struct { uint32_t version, trigger, mode, condition; uint64_t address, address2, value; } b = {1, 6, 1, 0, at, at + 4, 0};
  if (below(seed, 3) == 0) request(0x87, tid, 0, 1 + below(seed, 3));
  else request(0x88, tid, 0, (unsigned long)&b);
#endif
}

static void trace(uint64_t* seed, int tid) {
  static unsigned long words[128];
  struct iovec iov = {words, sizeof words};
  siginfo_t info;
  switch (below(seed, 16)) {
    case 0: request(PTRACE_ATTACH, tid, 0, 0); break;
    case 1:
    case 2: request(PTRACE_SEIZE, tid, 0, PICK(seed, options)); break;
    case 3: request(PTRACE_TRACEME, 0, 0, 0); break;
    case 4: request(PTRACE_DETACH, tid, 0, below(seed, 2) ? 0 : some_signal(seed)); break;
    case 5: request(PTRACE_INTERRUPT, tid, 0, 0); break;
    case 6: request(PTRACE_LISTEN, tid, 0, 0); break;
    case 7: if (below(seed, 4) == 0) request(PTRACE_KILL, tid, 0, 0); break;
    case 8: request(PTRACE_SETOPTIONS, tid, 0, PICK(seed, options)); break;
    case 9:
      if (request(PTRACE_GETREGSET, tid, NT_PRSTATUS, (unsigned long)&iov) != 0) break;
      if (below(seed, 4) == 0) words[below(seed, 48)] = next(seed);
      request(PTRACE_SETREGSET, tid, NT_PRSTATUS, (unsigned long)&iov);
      break;
    case 10:
      if (request(PTRACE_GETSIGINFO, tid, 0, (unsigned long)&info) == 0) request(PTRACE_SETSIGINFO, tid, 0, (unsigned long)&info);
      break;
    case 11: arm(seed, tid); break;
    case 12: request(PTRACE_POKEUSER, tid, below(seed, 1000), next(seed)); break;
    case 13: request(below(seed, 2) ? below(seed, 0x120) : 0x4200 + below(seed, 20), tid, 8, (unsigned long)words); break;
    default: request(PICK(seed, resumptions), tid, 0, below(seed, 3) ? 0 : some_signal(seed));
  }
}

// Lets those go on that have stopped for us.
static void serve(uint64_t* seed) {
  int status = 0;
  for (int i = 0; i < 8; ++i) {
    const int tid = waitpid(-1, &status, WNOHANG | __WALL);
    if (tid <= 0) return;
    if (!WIFSTOPPED(status)) continue;
    if (below(seed, 4) == 0) trace(seed, tid);
    if (below(seed, 8) != 0) request(PICK(seed, resumptions), tid, 0, below(seed, 2) ? 0 : WSTOPSIG(status) & 0x7f);
  }
}

static void wait_somehow(uint64_t* seed) {
  static const int ways[] = {WNOHANG, WNOHANG | __WALL, WNOHANG | __WCLONE, WNOHANG | WUNTRACED | WCONTINUED, WNOHANG | __WNOTHREAD | __WALL};
  siginfo_t info;
  int status = 0;
  switch (below(seed, 4)) {
    case 0: syscall(SYS_waitid, P_PID, someone(seed), &info, WNOHANG | WEXITED | WSTOPPED | (below(seed, 2) ? WNOWAIT : 0), NULL); break;
    case 1: waitpid(below(seed, 3) ? someone(seed) : 0, &status, PICK(seed, ways)); break;
    case 2: if (below(seed, 8) == 0) waitpid(-1, &status, __WALL); break;
    default: waitpid(-1, &status, PICK(seed, ways));
  }
}

static void watch(uint64_t* seed) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .bp_type = 2, .bp_len = 4, .exclude_kernel = 1,
                                 .exclude_hv = 1, .sample_period = 1, .inherit = below(seed, 2), .bp_addr = (unsigned long)&hits[below(seed, 4)]};
  if (below(seed, 3) == 0) attr.inherit_thread = attr.inherit, attr.sigtrap = 1, attr.remove_on_exec = 1;
  const int fd = syscall(SYS_perf_event_open, &attr, below(seed, 2) ? 0 : someone(seed), -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd >= 0 && below(seed, 2)) close(fd);
}

static void look_at(uint64_t* seed) {
  static const char* const files[] = {"stat", "status", "maps", "comm", "task", "exe", "fdinfo", "mem"};
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/%s", someone(seed), PICK(seed, files));
  const int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  (void)!read(fd, text, sizeof text);
  if (below(seed, 8)) close(fd);
}

static void pause_for(unsigned nanoseconds) {
  const struct timespec time = {0, nanoseconds};
  nanosleep(&time, NULL);
}

static void live(uint64_t seed, int depth, int actions) {
  for (int i = 0; i < actions; ++i) {
    const int tid = someone(&seed);
    ++hits[i & 3];
    switch (below(&seed, 24)) {
      case 0: case 1: case 2:
        if (may_make(depth)) make_task(&seed, depth);
        break;
      case 3: if (depth != 0 && may_make(depth) && below(&seed, 2) == 0) execute(&seed, depth); break;
      case 4: if (depth != 0 && below(&seed, 4) == 0) syscall(below(&seed, 3) ? SYS_exit : SYS_exit_group, below(&seed, 256)); break;
      case 5: {
        const int signal = some_signal(&seed);
        if (tid <= 1) break;
        if (below(&seed, 2)) kill(tid, signal);
        else syscall(SYS_tkill, tid, signal);
        break;
      }
      case 6: {
        const struct sigaction action = {.sa_handler = below(&seed, 3) == 0 ? SIG_IGN : below(&seed, 2) ? SIG_DFL : on_signal,
                                         .sa_flags = below(&seed, 2) ? SA_RESTART : SA_NOCLDWAIT | SA_NODEFER};
        sigaction(some_signal(&seed), &action, NULL);
        break;
      }
      case 7: {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, some_signal(&seed));
        sigprocmask(below(&seed, 2) ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
        break;
      }
      case 8: wait_somehow(&seed); break;
      case 9: prctl(below(&seed, 2) ? PR_SET_PDEATHSIG : PR_SET_CHILD_SUBREAPER, below(&seed, 2) ? some_signal(&seed) : 1); break;
      case 10: watch(&seed); break;
      case 11: look_at(&seed); break;
      case 12: {
        const struct itimerval soon = {{0, 100}, {0, 1 + below(&seed, 200)}}, never = {{0, 0}, {0, 0}};
        setitimer(below(&seed, 3), below(&seed, 2) ? &soon : &never, NULL);
        break;
      }
      case 13: {
        const int fd = syscall(434 /* pidfd_open */, tid, 0);
        struct pollfd poll_one = {fd, POLLIN, 0};
        if (fd >= 0) poll(&poll_one, 1, 0), syscall(424 /* pidfd_send_signal */, fd, below(&seed, 2) ? 0 : SIGCONT, NULL, 0), close(fd);
        break;
      }
      case 14: {
        const struct timespec time = {0, 20000};
        syscall(SYS_futex, &hits[0], FUTEX_WAIT, hits[0], &time, NULL, 0);
        syscall(SYS_futex, &hits[0], FUTEX_WAKE, 1, NULL, NULL, 0);
        break;
      }
      case 15: setpgid(below(&seed, 2) ? 0 : tid, 0); break;
      case 16: sched_yield(); break;
      case 17: pause_for(1000 * (1 + below(&seed, 50))); break;
      case 18: case 19: case 20: trace(&seed, tid); break;
      default: serve(&seed);
    }
  }
}

// The first process makes others, and traces and waits for them. No signal that it can help ends it.
static void reign(uint64_t seed, int actions) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int i = 0; i < actions; ++i) {
    if (i % 8 == 0 && world->made < kMostTasks && fork() == 0) {
      sigprocmask(SIG_UNBLOCK, &all, NULL);
      enter(getpid());
      live(seed, 1, 60);
      _exit(0);
    }
    next(&seed);
    if (below(&seed, 3) == 0) trace(&seed, someone(&seed));
    pause_for(20000);
    serve(&seed);
  }
}

int main(int argc, char** argv) {
  const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
  const int actions = argc > 2 ? atoi(argv[2]) : kActions;
  const int depth = argc > 3 ? atoi(argv[3]) : 0;
  if (depth == 0) {
    const int fd = memfd_create("world", 0);
    if (fd < 0 || ftruncate(fd, sizeof *world) != 0 || dup2(fd, kWorldFd) < 0) return 97;
    close(fd);
  }
  world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED, kWorldFd, 0);
  if (world == MAP_FAILED) return 96;
  uint64_t state = seed * 0x9e3779b97f4a7c15u + depth;
  if (depth == 0) {
    reign(state, actions);
    say("%u tasks\n", world->made);
  } else {
    enter(syscall(SYS_gettid));
    live(state, depth, actions);
  }
  return 0;
}
