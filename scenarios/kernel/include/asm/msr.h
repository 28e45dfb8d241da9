/* Model-specific registers of x86. */
#ifndef TRAPLINE_ASM_MSR_H
#define TRAPLINE_ASM_MSR_H

#include <asm/timex.h>
#include <linux/types.h>
#ifdef __x86_64__
u64 __rdmsr(unsigned int msr);
void __wrmsr(unsigned int msr, u64 value);
#define rdmsrl(msr, value)  \
  do {                      \
    (value) = __rdmsr(msr); \
  } while (0)
#define wrmsrl(msr, value) __wrmsr(msr, value)
#define rdtscll(value)      \
  do {                      \
    (value) = get_cycles(); \
  } while (0)
#endif

#endif
