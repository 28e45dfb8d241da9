/* cpu_relax(). */
#ifndef TRAPLINE_ASM_PROCESSOR_H
#define TRAPLINE_ASM_PROCESSOR_H

#include <linux/compiler.h>
#ifdef __x86_64__
#define cpu_relax() __asm__ __volatile__("pause" : : : "memory")
#else
#define cpu_relax() barrier()
#endif
/* Above it no program has memory. */
#ifdef __x86_64__
#define TASK_SIZE_MAX ((1UL << 47) - 4096)
#else
#define TASK_SIZE_MAX (1UL << 52)
#endif
#define TASK_SIZE TASK_SIZE_MAX
#define cpu_relax_yield() cpu_relax()

#endif
