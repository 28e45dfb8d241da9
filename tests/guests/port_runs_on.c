//: isa x86-64
// gcc -static -O1 -w -o runs_on runs_on.c: natively and under trapline exec. What stands behind a refused IN or OUT must not have run.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
static sigjmp_buf back;
static volatile int memory;
static long rbx, rdx, rip;
static void handler(int sig, siginfo_t *si, void *uc) {
  ucontext_t *u = uc;
  rbx = u->uc_mcontext.gregs[REG_RBX];
  siglongjmp(back, 1);
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &a, 0);
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; movl $0,%0; outb %%al,%%dx; incl %%ebx; incl %0" : "+m"(memory) : : "rbx");
  printf("out: rbx %ld memory %d\n", rbx, memory);
  memory = 0;
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; inb %%dx,%%al; incl %%ebx; incl %0" : "+m"(memory) : : "rbx", "rax");
  printf("in: rbx %ld memory %d\n", rbx, memory);
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; cld; outsb; incl %%ebx; incl %0" : "+m"(memory) : "S"(&memory) : "rbx");
  printf("outs: rbx %ld memory %d\n", rbx, memory);
  static char buf[16] = "abcdefgh"; static long rdi;
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; cld; insb; incl %%ebx; incl %0" : "+m"(memory) : "D"(buf) : "rbx","memory");
  printf("ins: rbx %ld memory %d buf %.8s\n", rbx, memory, buf);
  static struct { char c[16]; } z;
  memory = 0;
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; outb %%al,%%dx; incl %%ebx; movl $1,0" : : : "rbx","memory");
  printf("out then null store: rbx %ld\n", rbx);
  if (!sigsetjmp(back, 1)) asm volatile("mov $1,%%ebx; outb %%al,%%dx; incl %%ebx; xor %%ecx,%%ecx; div %%ecx" : : : "rbx","memory");
  printf("out then div: rbx %ld\n", rbx);
  return 0;
}
