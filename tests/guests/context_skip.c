// A handler changes its ucontext: it steps over the instruction that faults, sets a register, and the mask that holds afterwards.
#define _GNU_SOURCE
#include <ucontext.h>
#include "tasks.h"

extern char load_at[], load_end[], store_at[], store_end[], illegal_at[], illegal_end[], trap_at[], trap_end[];
static volatile int faults[65], at_right_place;

#if defined(__x86_64__)
#define PC(context) ((context)->uc_mcontext.gregs[REG_RIP])
#define RESULT(context) ((context)->uc_mcontext.gregs[REG_RAX])
#else
#define PC(context) ((context)->uc_mcontext.gp_regs[32])
#define RESULT(context) ((context)->uc_mcontext.gp_regs[3])
#endif

static void handler(int number, siginfo_t* info, void* at) {
  ucontext_t* const context = at;
  ++faults[number];
  (void)info;
  const unsigned long pc = (unsigned long)PC(context);
  if (pc == (unsigned long)load_at) PC(context) = (long)load_end, RESULT(context) = 1234;
  else if (pc == (unsigned long)store_at) PC(context) = (long)store_end;
  else if (pc == (unsigned long)illegal_at) PC(context) = (long)illegal_end;
  else if (pc >= (unsigned long)trap_at && pc <= (unsigned long)trap_end) PC(context) = (long)trap_end;
  else _exit(80);
  ++at_right_place;
}
static void changes_mask(int number, siginfo_t* info, void* at) {
  (void)number, (void)info;
  sigaddset(&((ucontext_t*)at)->uc_sigmask, SIGUSR1);
  sigdelset(&((ucontext_t*)at)->uc_sigmask, SIGUSR2);
}
static __attribute__((noinline)) unsigned long load(unsigned long* from) {
#if defined(__x86_64__)
  unsigned long result;
  __asm__ volatile(".globl load_at, load_end\nload_at: movq (%1), %%rax\nload_end:" : "=&a"(result) : "d"(from));
  return result;
#else
  register unsigned long result __asm__("r3");
  __asm__ volatile(".globl load_at, load_end\nload_at: ld 3, 0(%1)\nload_end:" : "=&r"(result) : "b"(from));
  return result;
#endif
}
static __attribute__((noinline)) void store(unsigned long* to, unsigned long value) {
#if defined(__x86_64__)
  __asm__ volatile(".globl store_at, store_end\nstore_at: movq %1, (%0)\nstore_end:" : : "r"(to), "r"(value) : "memory");
#else
  __asm__ volatile(".globl store_at, store_end\nstore_at: std %1, 0(%0)\nstore_end:" : : "b"(to), "r"(value) : "memory");
#endif
}
static __attribute__((noinline)) void illegal(void) {
#if defined(__x86_64__)
  __asm__ volatile(".globl illegal_at, illegal_end\nillegal_at: ud2\nillegal_end:");
#else
  __asm__ volatile(".globl illegal_at, illegal_end\nillegal_at: .long 0\nillegal_end:");
#endif
}
static __attribute__((noinline)) void trap(void) {
#if defined(__x86_64__)
  __asm__ volatile(".globl trap_at, trap_end\ntrap_at: int3\ntrap_end:");
#else
  __asm__ volatile(".globl trap_at, trap_end\ntrap_at: trap\ntrap_end:");
#endif
}
static void show_mask(const char* when) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  printf("%s: USR1 %d USR2 %d HUP %d\n", when, sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2), sigismember(&mask, SIGHUP));
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL), sigaction(SIGILL, &action, NULL), sigaction(SIGTRAP, &action, NULL);
  unsigned long number = 77;
  SHOW(load(&number));
  unsigned long sum = 0;
  for (int i = 0; i < 100; ++i) sum += load((unsigned long*)(long)(8 * i));
  SHOW(sum);
  store(&number, 5);
  for (int i = 0; i < 100; ++i) store((unsigned long*)(long)(8 * i), 6);
  SHOW(number);
  for (int i = 0; i < 10; ++i) illegal(), trap();
  printf("faults: %d %d %d, %d\n", faults[SIGSEGV], faults[SIGILL], faults[SIGTRAP], at_right_place);

  sigset_t mask;
  sigemptyset(&mask), sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  show_mask("before");
  action.sa_sigaction = changes_mask;
  sigaddset(&action.sa_mask, SIGHUP);
  sigaction(SIGWINCH, &action, NULL);
  raise(SIGWINCH);
  show_mask("after");
  return 0;
}
