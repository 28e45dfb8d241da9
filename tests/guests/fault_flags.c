//: isa x86-64
#define _GNU_SOURCE
#include <stdio.h>
#include <signal.h>
#include <setjmp.h>
#include <ucontext.h>
static sigjmp_buf jb; static unsigned long fl;
static void h(int s,siginfo_t*i,void*u){ fl=((ucontext_t*)u)->uc_mcontext.gregs[REG_EFL]; siglongjmp(jb,1);}
#define T(name,code) if(!sigsetjmp(jb,1)){ asm volatile(code:::"rax","rbx","rcx","rdx","rsi","rdi","memory","cc"); } printf("%-14s %03lx\n",name,fl&0xcd5);
int main(){ struct sigaction a={.sa_sigaction=h,.sa_flags=SA_SIGINFO|SA_NODEFER}; sigaction(SIGSEGV,&a,0); sigaction(SIGILL,&a,0); sigaction(SIGFPE,&a,0);sigaction(SIGBUS,&a,0);
 T("add;mov",   "mov $0x7fffffff,%%eax; mov $1,%%ebx; xor %%ecx,%%ecx; add %%ebx,%%eax; mov (%%rcx),%%edx")
 T("add;lods",  "mov $0x7fffffff,%%eax; mov $1,%%ebx; xor %%esi,%%esi; add %%ebx,%%eax; lodsl")
 T("add;jmp;lods",  "mov $0x7fffffff,%%eax; mov $1,%%ebx; xor %%esi,%%esi; add %%ebx,%%eax; jmp 1f\n1: lodsl")
 T("sub;lods",  "mov $5,%%eax; mov $7,%%ebx; xor %%esi,%%esi; sub %%ebx,%%eax; lodsl")
 T("sub;movs",  "mov $5,%%eax; mov $7,%%ebx; xor %%esi,%%esi; sub %%ebx,%%eax; movsl")
 T("sub;stos",  "mov $5,%%eax; mov $7,%%ebx; xor %%edi,%%edi; sub %%ebx,%%eax; stosl")
 T("sub;rep stos",  "mov $5,%%eax; mov $7,%%ebx; xor %%edi,%%edi; mov $4,%%ecx; sub %%ebx,%%eax; rep stosl")
 T("sub;outs",  "mov $5,%%eax; mov $7,%%ebx; xor %%esi,%%esi; sub %%ebx,%%eax; outsb")
 T("sub;out",  "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; out %%al,%%dx")
 T("sub;in",  "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; in %%dx,%%al")
 T("sub;cli",  "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; cli")
 T("sub;hlt",  "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; hlt")
 T("sub;ud2",  "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; ud2")
 T("sub;int3-ish", "mov $5,%%eax; mov $7,%%ebx; sub %%ebx,%%eax; .byte 0xcd,0x21")
 T("sub;div0",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; div %%ecx")
 T("sub;wrmem",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; mov %%eax,(%%rcx)")
 T("sub;add mem",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; add %%eax,(%%rcx)")
 T("sub;imul mem",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; imul (%%rcx),%%eax")
 T("sub;xchg",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; xchg %%eax,(%%rcx)")
 T("sub;rdmsr",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; rdmsr")
 T("sub;ltr",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; ltr %%ax")
 T("sub;mov cr",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; mov %%cr0,%%rax")
 T("sub;mov ds",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; mov (%%rcx),%%ds")
 T("sub;push",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; push (%%rcx)")
 T("inc;lods",  "stc; mov $5,%%eax; xor %%esi,%%esi; stc; inc %%eax; lodsl")
 T("sub;cmps",  "mov $5,%%eax; mov $7,%%ebx; xor %%esi,%%esi; xor %%edi,%%edi; sub %%ebx,%%eax; cmpsl")
 T("sub;scas",  "mov $5,%%eax; mov $7,%%ebx; xor %%edi,%%edi; sub %%ebx,%%eax; scasl")
 T("sub;wild jmp",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; jmp *%%rcx")
 T("sub;fld",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; flds (%%rcx)")
 T("sub;movaps",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; movaps (%%rcx),%%xmm0")
 T("sub;fxsave",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; sub %%ebx,%%eax; fxsave (%%rcx)")
 T("sub;cmpxchg16",  "mov $5,%%eax; mov $7,%%ebx; xor %%ecx,%%ecx; xor %%esi,%%esi; sub %%ebx,%%eax; cmpxchg16b (%%rsi)")
 T("sub;leave",  "mov $5,%%eax; mov $7,%%ebx; mov %%rbp,%%rdx; xor %%ebp,%%ebp; sub %%ebx,%%eax; nop")
 return 0;}
