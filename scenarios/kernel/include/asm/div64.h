/* do_div(): divides in place, gives the remainder. */
#ifndef TRAPLINE_ASM_DIV64_H
#define TRAPLINE_ASM_DIV64_H

#include <linux/types.h>
#define do_div(n, base)                                    \
  ({                                                       \
    u32 __base = (base), __rem = (u32)((u64)(n) % __base); \
    (n) = (u64)(n) / __base;                               \
    __rem;                                                 \
  })

#endif
