/* The registers of the interrupt that is handled. */
#ifndef TRAPLINE_ASM_IRQ_REGS_H
#define TRAPLINE_ASM_IRQ_REGS_H

#include <asm/ptrace.h>
struct pt_regs* get_irq_regs(void);

#endif
