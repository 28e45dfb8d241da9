// x86: every general register and the flags as a handler sees them at a fault, and as it changes them.
//: isa x86-64
#define _GNU_SOURCE
#include <ucontext.h>
#include "tasks.h"

static const struct { const char* name; int index; } registers[] = {
  {"rax", REG_RAX}, {"rbx", REG_RBX}, {"rcx", REG_RCX}, {"rdx", REG_RDX}, {"rsi", REG_RSI}, {"rdi", REG_RDI}, {"rbp", REG_RBP}, {"r8", REG_R8},
  {"r9", REG_R9}, {"r10", REG_R10}, {"r11", REG_R11}, {"r12", REG_R12}, {"r13", REG_R13}, {"r14", REG_R14}, {"r15", REG_R15},
};
enum { kRegisters = sizeof registers / sizeof *registers };
static unsigned long seen[kRegisters], flags, trap_number, error, stack_difference, results[16];
static unsigned long saved_stack, fault_address;

static void handler(int number, siginfo_t* info, void* at) {
  ucontext_t* const context = at;
  (void)number;
  greg_t* const values = context->uc_mcontext.gregs;
  for (int i = 0; i < kRegisters; ++i) seen[i] = (unsigned long)values[registers[i].index], values[registers[i].index] = 0x1000 + i;
  flags = (unsigned long)values[REG_EFL] & 0x8d5;
  trap_number = (unsigned long)values[REG_TRAPNO], error = (unsigned long)values[REG_ERR];
  fault_address = (unsigned long)values[REG_CR2] - (unsigned long)info->si_addr;
  stack_difference = saved_stack - (unsigned long)values[REG_RSP];
  values[REG_EFL] = (values[REG_EFL] & ~0x8d5L) | 0x45;  // CF, PF, ZF
  values[REG_RIP] += 8;                                  // the instruction below
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  unsigned long after_flags;
  __asm__ volatile(
      "sub $128, %%rsp\n\t"
      "push %%rbp\n\t"
      "mov %%rsp, %[stack]\n\t"
      "mov $0x101, %%rax\n\tmov $0x102, %%rbx\n\tmov $0x103, %%rcx\n\tmov $0x104, %%rdx\n\tmov $0x105, %%rsi\n\t"
      "mov $0x106, %%rdi\n\tmov $0x107, %%rbp\n\tmov $0x108, %%r8\n\tmov $0x109, %%r9\n\tmov $0x10a, %%r10\n\t"
      "mov $0x10b, %%r11\n\tmov $0x10c, %%r12\n\tmov $0x10d, %%r13\n\tmov $0x10e, %%r14\n\t"
      "mov $0x7fffffffffffffff, %%r15\n\tadd $1, %%r15\n\t"  // SF, OF, AF, PF
      "movl %%eax, 0x30\n\t"                                  // faults; with the nop behind it, 8 bytes
      "nop\n\t"
      "mov %%rax, %[results]\n\tmov %%rbx, 8+%[results]\n\tmov %%rcx, 16+%[results]\n\tmov %%rdx, 24+%[results]\n\t"
      "mov %%rsi, 32+%[results]\n\tmov %%rdi, 40+%[results]\n\tmov %%rbp, 48+%[results]\n\tmov %%r8, 56+%[results]\n\t"
      "mov %%r9, 64+%[results]\n\tmov %%r10, 72+%[results]\n\tmov %%r11, 80+%[results]\n\tmov %%r12, 88+%[results]\n\t"
      "mov %%r13, 96+%[results]\n\tmov %%r14, 104+%[results]\n\tmov %%r15, 112+%[results]\n\t"
      "pushfq\n\t"
      "pop %%rax\n\t"
      "pop %%rbp\n\t"
      "add $128, %%rsp"
      : "=a"(after_flags), [stack] "=m"(saved_stack), [results] "+m"(results)
      :
      : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
  for (int i = 0; i < kRegisters; ++i) printf("%s: %#lx then %#lx\n", registers[i].name, seen[i], results[i]);
  printf("flags: %#lx then %#lx\n", flags, after_flags & 0x8d5);
  SHOW(trap_number);
  SHOW(error);
  SHOW(fault_address);
  SHOW(stack_difference);
  return 0;
}
