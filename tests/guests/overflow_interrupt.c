//: isa x86-64
// INT 4 is a trap: its SIGSEGV comes behind it, and a handler that returns goes on there.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/ucontext.h>

extern const char behind[];
static volatile int caught;

static void handler(int signal, siginfo_t* info, void* context) {
  const greg_t* const registers = ((ucontext_t*)context)->uc_mcontext.gregs;
  ++caught;
  printf("signal %d, code %d, address %p, trap %lld, error %lld, %s\n", signal, info->si_code, info->si_addr,
         registers[REG_TRAPNO], registers[REG_ERR], registers[REG_RIP] == (greg_t)behind ? "behind it" : "elsewhere");
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESETHAND};
  sigaction(SIGSEGV, &action, 0);
  __asm__ volatile("int $4\nbehind:");
  printf("caught %d, and went on\n", caught);
  return 0;
}
