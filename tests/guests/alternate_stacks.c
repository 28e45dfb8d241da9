// sigaltstack(2): which handlers run on it, what it says of itself meanwhile, and a stack overflow that is survived.
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/resource.h>
#include "tasks.h"

enum { kSize = 1 << 16 };
static char stack[kSize] __attribute__((aligned(16))), another[kSize] __attribute__((aligned(16)));
static sigjmp_buf out;
static volatile int depth;

static int within(const void* at) { return (const char*)at >= stack && (const char*)at < stack + kSize; }

static void show_stack(const char* what) {
  stack_t now;
  memset(&now, 0x55, sizeof now);
  sigaltstack(NULL, &now);
  printf("%s: flags %d, %s, size %zu\n", what, now.ss_flags, now.ss_sp == stack ? "the stack" : now.ss_sp == NULL ? "null" : "another", now.ss_size);
}
static void handler(int number, siginfo_t* info, void* context) {
  const int on = within(__builtin_frame_address(0));
  (void)info;
  printf("signal %d %s the stack\n", number, on ? "on" : "off");
  SHOW(((ucontext_t*)context)->uc_stack.ss_sp == stack);
  SHOW(((ucontext_t*)context)->uc_stack.ss_flags);
  if (depth++ > 0) return;
  show_stack("inside");
  if (on) {
    TRY(sigaltstack(&(stack_t){.ss_sp = another, .ss_size = kSize}, NULL));
    TRY(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
  }
  raise(SIGUSR2);  // nested: goes on below
}
static void leaves(int number, siginfo_t* info, void* context) {
  (void)number, (void)context;
  depth = within(__builtin_frame_address(0)) && info->si_addr != NULL;
  siglongjmp(out, 1);
}
// Not inlined into itself: its frame is smaller than that of a signal, which then has no place where this one had none.
__attribute__((noinline)) static int endless(volatile char* above) {
  volatile char here[400];
  here[0] = above[0];
  return endless(here) + here[0];
}

int main(void) {
  show_stack("at first");
  TRY(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = 100}, NULL));
  TRY(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = kSize, .ss_flags = 4}, NULL));
  TRY(sigaltstack((stack_t*)8, NULL));
  TRY(sigaltstack(NULL, (stack_t*)8));
  TRY(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = kSize}, NULL));
  show_stack("set");
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);
  show_stack("after");
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, NULL);
  depth = 0;
  raise(SIGUSR1);
  depth = 1;
  TRY(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
  show_stack("disabled");
  raise(SIGUSR2);

  // A child inherits it by fork; a thread's own starts as none.
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = kSize}, NULL);
  const pid_t child = fork_flushed();
  if (child == 0) show_stack("child"), leave(0);
  show_end("child", child);

  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  limit.rlim_cur = 1 << 20;
  setrlimit(RLIMIT_STACK, &limit);
  action.sa_sigaction = leaves, action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, NULL);
  for (int i = 0; i < 3; ++i) {
    depth = 0;
    char start = 0;
    if (sigsetjmp(out, 1) == 0) endless(&start);
    printf("overflow %d: %d\n", i, depth);
    show_stack("left by siglongjmp");
  }
  // Without it the overflow kills.
  fflush(stdout);
  const pid_t second = fork_flushed();
  if (second == 0) {
    no_core_file();
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    char start = 0;
    _exit(endless(&start));
  }
  show_end("without", second);
  return 0;
}
