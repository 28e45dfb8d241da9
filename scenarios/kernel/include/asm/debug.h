/* Where a debugger in the kernel hangs on; PPC64. */
#ifndef TRAPLINE_ASM_DEBUG_H
#define TRAPLINE_ASM_DEBUG_H

#include <asm/hw_breakpoint.h>
#ifdef __powerpc64__
struct pt_regs;
/* Offered an exception in kernel code; nonzero: it was the debugger's. A match is offered when no breakpoint of perf's and no
   notifier has it, a trap before kprobes. */
extern int (*__debugger_bpt)(struct pt_regs* regs);
extern int (*__debugger_sstep)(struct pt_regs* regs);
extern int (*__debugger_break_match)(struct pt_regs* regs);
/* The register of the CPU that calls it, whoever else has it; type 0: off. */
void __set_breakpoint(int nr, struct arch_hw_breakpoint* brk);
#endif

#endif
