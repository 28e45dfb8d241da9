// Program counters that are none, out of a signal's frame, by a tracer, by jumps, calls and returns, or as a handler's address: which
// signal comes of it, and what its frame says.
//: differs ppc64
#include "tracing.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf out;
static volatile unsigned long wanted;
static unsigned long old_pc;

#if defined(__x86_64__)
#define CONTEXT_PC(u) (((ucontext_t*)(u))->uc_mcontext.gregs[REG_RIP])
static const unsigned long places[] = {1ul << 47, (1ul << 47) - 1, (1ul << 47) - 4096, 1ul << 63, 0xffff800000000000, 0xffffffff81000000, 0xffff7fffffffffff, ~0ul, 0, 0x1000};
#else
#define CONTEXT_PC(u) (((ucontext_t*)(u))->uc_mcontext.gp_regs[32])
static const unsigned long places[] = {1ul << 52, 1ul << 60, 0xc000000000000000, 0xd000000000000000, 0x7fffffffffff0000, ~3ul, 0, 0x10000};
#endif
enum { kPlaces = sizeof places / sizeof *places };

static void divert(int signal, siginfo_t* info, void* context) { CONTEXT_PC(context) = wanted; }

static void fault(int signal, siginfo_t* info, void* context) {
  const unsigned long pc = CONTEXT_PC(context);
  printf(" signal %d code %d", signal, info->si_code);
  if (info->si_code > 0 && info->si_code < 128) printf(" address %s%lx", (unsigned long)info->si_addr == wanted ? "there " : "", (unsigned long)info->si_addr == wanted ? 0 : (unsigned long)info->si_addr);
  printf(" pc %s", pc == wanted ? "there" : (wanted & ~3ul) == pc ? "there, aligned" : "at the instruction");
#if defined(__x86_64__)
  printf(" trap %lld error %llx\n", ((ucontext_t*)context)->uc_mcontext.gregs[REG_TRAPNO], ((ucontext_t*)context)->uc_mcontext.gregs[REG_ERR]);
#else
  printf(" trap %lx\n", ((ucontext_t*)context)->uc_mcontext.gp_regs[40] & ~1ul);
#endif
  siglongjmp(out, 1);
}

#if defined(__x86_64__)
static void jump(void) { __asm__ volatile("jmp *%0" ::"r"(wanted)); }
static void call(void) { __asm__ volatile("sub $128, %%rsp\ncall *%0" ::"r"(wanted)); }
static void back(void) { __asm__ volatile("push %0\nret" ::"r"(wanted)); }
#else
static void jump(void) { __asm__ volatile("mtctr %0\nbctr" ::"r"(wanted)); }
static void call(void) { __asm__ volatile("mtctr %0\nbctrl" ::"r"(wanted) : "lr"); }
static void back(void) { __asm__ volatile("mtlr %0\nblr" ::"r"(wanted)); }
#endif
static void from_frame(void) { raise(SIGUSR1); }
static void as_handler(void) {
#if defined(__x86_64__)
  const struct sigaction action = {.sa_handler = (void (*)(int))wanted, .sa_flags = 0};
#else
  static unsigned long descriptor[3];
  descriptor[0] = wanted;
  const struct sigaction action = {.sa_handler = (void (*)(int))descriptor, .sa_flags = 0};
#endif
  if (sigaction(SIGUSR2, &action, NULL) != 0) printf(" sigaction %s", strerrorname_np(errno));
  raise(SIGUSR2);
}

static int spins(void) {
  for (;;) {}
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  const stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL), sigaction(SIGBUS, &action, NULL), sigaction(SIGILL, &action, NULL);
  action.sa_sigaction = divert, action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, NULL);
  static void (*const ways[])(void) = {jump, call, back, from_frame, as_handler};
  static const char* const names[] = {"jump", "call", "return", "frame", "handler"};
  for (int way = 0; way < 5; ++way) {
    for (int i = 0; i < kPlaces; ++i) {
      wanted = places[i];
      if (ways[way] == as_handler && wanted == 0) continue;  // SIG_DFL
      printf("%s %lx:", names[way], wanted);
      if (sigsetjmp(out, 1) == 0) ways[way]();
    }
  }
  for (int i = 0; i < kPlaces; ++i) {
    const pid_t pid = tracee(spins);
    const long done = request(PTRACE_POKEUSER, pid, PC_OFFSET, places[i]);
    printf("tracer %lx: %s", places[i], done == 0 ? "ok" : strerrorname_np(errno));
    if (done == 0) {
      request(PTRACE_CONT, pid, 0, 0);
      int status = wait_for(pid);
      siginfo_t info;
      ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
      regs_t regs = get_regs(pid);
      printf(", %s code %d%s, pc %s", status_text(status), info.si_code, info.si_code > 0 && info.si_code < 128 && (unsigned long)info.si_addr == places[i] ? " there" : "", PC(regs) == places[i] ? "there" : "elsewhere");
      request(PTRACE_CONT, pid, 0, 0);
    }
    printf("\n");
    end(pid);
  }
  // The two low bits of a PPC64 program counter are none.
#if !defined(__x86_64__)
  for (int low = 1; low < 4; ++low) {
    const pid_t pid = tracee(spins);
    regs_t regs = get_regs(pid);
    PC(regs) |= low;
    set_regs(pid, &regs);
    printf("low bits %d: read %d", low, (int)(PC(get_regs(pid)) & 3));
    request(PTRACE_SINGLESTEP, pid, 0, 0);
    printf(", %s", status_text(wait_for(pid)));
    printf(", then %d\n", (int)(PC(get_regs(pid)) & 3));
    end(pid);
  }
#endif
  return 0;
}
