/* Logarithms of base 2. */
#ifndef TRAPLINE_LINUX_LOG2_H
#define TRAPLINE_LINUX_LOG2_H

#include <linux/bitops.h>
#define ilog2(n) (__builtin_constant_p(n) ? ((n) < 2 ? 0 : 63 - __builtin_clzll(n)) : __ilog2_u64(n))
static inline __attribute_const__ int __ilog2_u64(u64 n) { return fls64(n) - 1; }
static inline __attribute_const__ bool is_power_of_2(unsigned long n) { return n != 0 && (n & (n - 1)) == 0; }
static inline unsigned long roundup_pow_of_two(unsigned long n) { return 1UL << fls_long(n - 1); }
static inline unsigned long rounddown_pow_of_two(unsigned long n) { return 1UL << (fls_long(n) - 1); }
#define order_base_2(n) ((n) > 1 ? fls_long((n)-1) : 0)

#endif
