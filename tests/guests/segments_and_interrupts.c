// What user code may do of segments and software interrupts, and the signals of what it may not.
//: isa x86-64
//: args int1
//: args int3
//: args int-0
//: args int-1
//: args int-3
//: args int-4
//: args int-6
//: args int-14
//: args int-255
//: args iretq
//: args iretq-kernel
//: args mov-ss
//: args mov-ss-step
//: args mov-ss-null
//: args mov-ds
//: args mov-ds-kernel
#include <stdio.h>
#include <string.h>

// To the next instruction, with RFLAGS as given; RF, which the return sets, is gone before anybody could see it.
static unsigned long return_from_interrupt(unsigned long cs, unsigned long flags) {
  unsigned long after;
  __asm__ volatile(
      "sub $128, %%rsp\n\t"  // past the red zone
      "mov %%rsp, %%rcx\n\t"
      "mov %%ss, %%eax\n\t"
      "push %%rax\n\t"
      "push %%rcx\n\t"
      "push %[flags]\n\t"
      "push %[cs]\n\t"
      "lea 1f(%%rip), %%rax\n\t"
      "push %%rax\n\t"
      "iretq\n"
      "1:\n\t"
      "pushfq\n\t"
      "pop %[after]\n\t"
      "add $128, %%rsp"
      : [after] "=&r"(after)
      : [cs] "r"(cs), [flags] "r"(flags)
      : "rax", "rcx", "memory", "cc");
  return after;
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  printf("%s\n", what);
  fflush(stdout);
  unsigned short ss, ds;
  __asm__("mov %%ss, %0" : "=r"(ss));
  __asm__("mov %%ds, %0" : "=r"(ds));
  unsigned long cs;
  __asm__("mov %%cs, %0" : "=r"(cs));
  if (strcmp(what, "int1") == 0) __asm__ volatile(".byte 0xf1");
  if (strcmp(what, "int3") == 0) __asm__ volatile("int3");
  if (strcmp(what, "int-0") == 0) __asm__ volatile("int $0");
  if (strcmp(what, "int-1") == 0) __asm__ volatile("int $1");
  if (strcmp(what, "int-3") == 0) __asm__ volatile(".byte 0xcd, 3");
  if (strcmp(what, "int-4") == 0) __asm__ volatile("int $4");
  if (strcmp(what, "int-6") == 0) __asm__ volatile("int $6");
  if (strcmp(what, "int-14") == 0) __asm__ volatile("int $14");
  if (strcmp(what, "int-255") == 0) __asm__ volatile("int $255");
  if (strcmp(what, "iretq") == 0) {
    printf("%#lx\n", return_from_interrupt(cs, 0x10246));  // RF, and IF, which is not ours to change
    printf("%#lx\n", return_from_interrupt(cs, 0x10897) & 0x10ed5);
  }
  if (strcmp(what, "iretq-kernel") == 0) return_from_interrupt(0x10, 0x202);
  if (strcmp(what, "mov-ss") == 0) {
    volatile unsigned short selector = ss;
    for (int i = 0; i < 1000; ++i) __asm__ volatile("mov %0, %%ss" : : "m"(selector));
    __asm__ volatile("mov %0, %%ss\n\tmov %0, %%ss\n\tnop" : : "r"((unsigned)ss));
    printf("%#x\n", ss);
  }
  if (strcmp(what, "mov-ss-step") == 0) {
    // TF set, a MOV SS, and TF cleared: the first trap ends the program.
    __asm__ volatile(
        "sub $128, %%rsp\n\tpushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tmov %0, %%ss\n\tnop\n\tnop\n\tadd $128, %%rsp"
        :
        : "r"((unsigned)ss)
        : "memory", "cc");
  }
  if (strcmp(what, "mov-ss-null") == 0) __asm__ volatile("mov %0, %%ss" : : "r"(0));
  if (strcmp(what, "mov-ds") == 0) {
    __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"((unsigned)ss));
    __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"((unsigned)ds));
    printf("%#x\n", ds);
  }
  if (strcmp(what, "mov-ds-kernel") == 0) __asm__ volatile("mov %0, %%ds" : : "r"(0x18));
  puts("survived");
  return 0;
}
