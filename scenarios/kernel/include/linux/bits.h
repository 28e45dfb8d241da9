/* BIT() and GENMASK(). */
#ifndef TRAPLINE_LINUX_BITS_H
#define TRAPLINE_LINUX_BITS_H

#include <linux/compiler.h>
#include <linux/types.h>
/* Refuses constants in the wrong order; 0, and no more than that of what is no constant. */
#define GENMASK_INPUT_CHECK(h, l) \
  (sizeof(char[1 - 2 * __builtin_choose_expr(__is_constexpr((l) > (h)), (l) > (h), 0)]) - 1)
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BIT_ULL_MASK(nr) (1ULL << ((nr) % BITS_PER_LONG_LONG))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (BITS_PER_LONG_LONG - 1 - (h))))

#endif
