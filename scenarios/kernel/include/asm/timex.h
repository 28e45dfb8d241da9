/* The CPU's counter of cycles. */
#ifndef TRAPLINE_ASM_TIMEX_H
#define TRAPLINE_ASM_TIMEX_H

#include <linux/types.h>
typedef unsigned long long cycles_t;
static inline cycles_t get_cycles(void) {
#ifdef __x86_64__
  u32 low, high;
  __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
  return ((u64)high << 32) | low;
#else
  unsigned long ticks;
  __asm__ __volatile__("mfspr %0, 268" : "=r"(ticks));
  return ticks;
#endif
}
#define random_get_entropy() ((unsigned long)get_cycles())

#endif
