// Loads, stores and fetches above the user's part of the address space: a segment interrupt (0x380, 0x480) that Linux makes SEGV_BNDERR of,
// but a data storage interrupt and SEGV_MAPERR where the kernel's linear mapping is (arch/powerpc/mm/book3s64/slb.c).
//: isa ppc64
//: expected
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

static sigjmp_buf out;
static volatile unsigned long at;

static void handler(int signal, siginfo_t* info, void* context) {
  const unsigned long* const regs = ((ucontext_t*)context)->uc_mcontext.gp_regs;
  const int data = (regs[40] & 0xff0) == 0x300;
  printf(" signal %d code %d address %lx trap %lx dar %lx", signal, info->si_code, (unsigned long)info->si_addr, regs[40] & 0xff0, regs[41]);
  if (data) printf(" dsisr %lx", regs[42]);
  printf("\n");
  siglongjmp(out, 1);
}

int main(void) {
  const struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL), sigaction(SIGBUS, &action, NULL);
  static const unsigned long places[] = {0x8000,     1ul << 47,          1ul << 52,          1ul << 60,          0x7fffffffffff0000,
                                         1ul << 63, 0xc000000000000000, 0xc000000001234568, 0xc008000000000000, 0xd000000000000000, ~7ul};
  for (unsigned i = 0; i < sizeof places / sizeof *places; ++i) {
    at = places[i];
    printf("load %lx:", at);
    if (sigsetjmp(out, 1) == 0) (void)*(volatile char*)at;
    printf("store %lx:", at);
    if (sigsetjmp(out, 1) == 0) *(volatile long*)at = 1;
    printf("fetch %lx:", at);
    if (sigsetjmp(out, 1) == 0) __asm__ volatile("mtctr %0\nbctrl" ::"r"(at) : "lr", "ctr");
  }
  return 0;
}
