/* cpu_relax(). */
#ifndef TRAPLINE_ASM_PROCESSOR_H
#define TRAPLINE_ASM_PROCESSOR_H

#include <linux/compiler.h>
#ifdef __x86_64__
#define cpu_relax() __asm__ __volatile__("pause" : : : "memory")
#else
#define cpu_relax() barrier()
#endif
#define cpu_relax_yield() cpu_relax()

#endif
