//: isa x86-64
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <setjmp.h>
#include <ucontext.h>
#include <sys/mman.h>
static sigjmp_buf jb; static unsigned long rip,addr;
static volatile int counter;
static void h(int s,siginfo_t*i,void*u){ rip=((ucontext_t*)u)->uc_mcontext.gregs[REG_RIP]; addr=(long)i->si_addr; siglongjmp(jb,1);}
int main(){ struct sigaction a={.sa_sigaction=h,.sa_flags=SA_SIGINFO|SA_NODEFER}; sigaction(SIGSEGV,&a,0);
 unsigned char*p=mmap((void*)0x20000000,8192,7,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0); mprotect(p+4096,4096,PROT_NONE);
 unsigned char*q=p+4096-9; q[0]=0xff;q[1]=0x07; q[2]=0xff;q[3]=0x07; q[4]=0xff; q[5]=7; q[6]=0x90; q[7]=0x90; q[8]=0xb8; // inc dword [rdi] x3; nop; nop; mov eax, imm32 (crosses)
 if(!sigsetjmp(jb,1)) ((void(*)(volatile int*))q)(&counter);
 printf("counter %d rip page end-%ld addr %lx\n",counter,0x20001000-rip,addr); return 0;}
