// MOV SS from a watched word holds its match back past the next instruction. Where that one enters the kernel, the match comes there, and
// is no program's and no event's: neither tracer nor perf hear of it, whatever the kernel then does about the instruction.
//: isa x86-64
//: breakpoints
#include "tracing.h"
#include <sys/prctl.h>
#include <ucontext.h>

#include "perf.h"

static volatile unsigned short segment, other;
static volatile int traps, faults;
static volatile char* page;
static int everywhere, user_only;

static void handler(int signal, siginfo_t* info, void* context) {
  ucontext_t* const at = context;
  if (signal == SIGTRAP) {
    ++traps;
    return;
  }
  ++faults;
  if (at->uc_mcontext.gregs[REG_TRAPNO] == 14) mprotect((void*)page, 4096, PROT_READ | PROT_WRITE);
  else if (at->uc_mcontext.gregs[REG_TRAPNO] != 4) at->uc_mcontext.gregs[REG_RIP] += 2;
}

static void show(const char* what) {
  static long long before[2];
  long long now[2] = {0, 0};
  (void)!read(everywhere, &now[0], 8);
  (void)!read(user_only, &now[1], 8);
  printf("%s: traps %d faults %d counted %lld %lld\n", what, traps, faults, now[0] - before[0], now[1] - before[1]);
  traps = faults = 0, before[0] = now[0], before[1] = now[1];
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  __asm__("mov %%ss, %0" : "=m"(segment));
  other = segment;
  page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, NULL), sigaction(SIGSEGV, &action, NULL), sigaction(SIGILL, &action, NULL), sigaction(SIGFPE, &action, NULL);
  struct perf_event_attr attr = breakpoint_attr(&segment, 2, HW_BREAKPOINT_RW);
  user_only = open_event(&attr);
  attr.exclude_kernel = 0;
  everywhere = open_event(&attr);
  prctl(PR_SET_PTRACER, -1, 0, 0, 0);
  if (fork() == 0) {
    const pid_t parent = getppid();
    ptrace(PTRACE_ATTACH, parent, 0, 0);
    waitpid(parent, NULL, 0);
    ptrace(PTRACE_POKEUSER, parent, offsetof(struct user, u_debugreg[0]), &segment);
    ptrace(PTRACE_POKEUSER, parent, offsetof(struct user, u_debugreg[7]), 1 | 7 << 16);
    ptrace(PTRACE_DETACH, parent, 0, 0);
    _exit(0);
  }
  wait(NULL);
  show("armed");
  (void)segment;
  show("read");
#define HELD(what, instruction, ...) \
  do { \
    __asm__ volatile("mov %0, %%ss\n" instruction ::"m"(segment), ##__VA_ARGS__ : "memory", "rcx", "rdx", "r11"); \
    show(what); \
  } while (0)
  HELD("NOP", "nop");
  HELD("MOV SS", "mov %0, %%ss\nnop");
  HELD("INT3", "int3");
  HELD("INT 3", ".byte 0xcd, 3");
  HELD("INT 0x21", "int $0x21");
  HELD("INT1", ".byte 0xf1");
  HELD("UD2", "ud2");
  HELD("HLT", "hlt\nnop");
  HELD("page fault", "movb $1, (%1)", "r"(page));
  HELD("division", "div %1", "r"(0));
  HELD("SYSCALL", "syscall", "a"(39));
  __asm__ volatile("mov %0, %%ss\nint3" ::"m"(other));
  show("INT3, nothing held");
  return 0;
}
