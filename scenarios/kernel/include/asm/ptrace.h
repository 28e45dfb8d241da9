/* Registers of an interrupted task. */
#ifndef TRAPLINE_ASM_PTRACE_H
#define TRAPLINE_ASM_PTRACE_H

#include <linux/types.h>
#ifdef __x86_64__
struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx;
  unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
  unsigned long orig_ax, ip, cs, flags, sp, ss;
};
_Static_assert(sizeof(struct pt_regs) == 21 * 8, "Linux's layout");
#define instruction_pointer(regs) ((regs)->ip)
#define user_stack_pointer(regs) ((regs)->sp)
#define kernel_stack_pointer(regs) ((regs)->sp)
#define frame_pointer(regs) ((regs)->bp)
#define user_mode(regs) (!!((regs)->cs & 3))
#define regs_return_value(regs) ((regs)->ax)
#define regs_set_return_value(regs, rc) \
  do {                                  \
    (regs)->ax = (rc);                  \
  } while (0)
#define instruction_pointer_set(regs, value) \
  do {                                       \
    (regs)->ip = (value);                    \
  } while (0)
#define regs_irqs_disabled(regs) (!((regs)->flags & 0x200))
static inline unsigned long regs_get_kernel_argument(struct pt_regs* regs, unsigned int n) {
  switch (n) {
    case 0:
      return regs->di;
    case 1:
      return regs->si;
    case 2:
      return regs->dx;
    case 3:
      return regs->cx;
    case 4:
      return regs->r8;
    case 5:
      return regs->r9;
    default:
      return 0;
  }
}
#else
struct pt_regs {
  unsigned long gpr[32];
  unsigned long nip, msr, orig_gpr3, ctr, link, xer, ccr, softe;
  unsigned long trap, dar, dsisr, result;
};
_Static_assert(sizeof(struct pt_regs) == 44 * 8, "Linux's layout");
#define MSR_PR (1UL << 14)
#define MSR_EE (1UL << 15)
#define instruction_pointer(regs) ((regs)->nip)
#define user_stack_pointer(regs) ((regs)->gpr[1])
#define kernel_stack_pointer(regs) ((regs)->gpr[1])
#define frame_pointer(regs) ((regs)->gpr[1])
#define user_mode(regs) (((regs)->msr & MSR_PR) != 0)
#define regs_return_value(regs) ((regs)->gpr[3])
#define regs_set_return_value(regs, rc) \
  do {                                  \
    (regs)->gpr[3] = (rc);              \
  } while (0)
#define instruction_pointer_set(regs, value) \
  do {                                       \
    (regs)->nip = (value);                   \
  } while (0)
#define regs_set_return_ip(regs, value) instruction_pointer_set(regs, value)
#define TRAP(regs) ((regs)->trap & ~0xfUL)
static inline unsigned long regs_get_kernel_argument(struct pt_regs* regs, unsigned int n) {
  return n < 8 ? regs->gpr[3 + n] : 0;
}
#endif
#define profile_pc(regs) instruction_pointer(regs)
static inline unsigned long regs_get_register(struct pt_regs* regs, unsigned int offset) {
  return offset < sizeof(*regs) ? *(unsigned long*)((char*)regs + offset) : 0;
}
static inline unsigned long regs_get_kernel_stack_nth(struct pt_regs* regs, unsigned int n) {
  return ((unsigned long*)kernel_stack_pointer(regs))[n];
}

#endif
