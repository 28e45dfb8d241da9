//: isa x86-64
// gcc -static -O1 -w -o port port.c; trapline exec ./port
// A port access with another privileged instruction right behind it in the block, then two further faults: the emulator ends.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
static sigjmp_buf back;
static void handler(int sig, siginfo_t *si, void *uc) {
  printf("signal %d trapno %lld\n", sig, (long long)((ucontext_t *)uc)->uc_mcontext.gregs[REG_TRAPNO]);
  fflush(stdout);
  siglongjmp(back, 1);
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &a, 0);
  sigaction(SIGILL, &a, 0);
  if (!sigsetjmp(back, 1)) asm volatile("outb %al, %dx; cli");
  if (!sigsetjmp(back, 1)) asm volatile("sti");
  if (!sigsetjmp(back, 1)) asm volatile("sti");
  puts("end");
}
