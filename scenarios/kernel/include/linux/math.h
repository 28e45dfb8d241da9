/* Rounding and division. */
#ifndef TRAPLINE_LINUX_MATH_H
#define TRAPLINE_LINUX_MATH_H

#include <linux/types.h>
#define __round_mask(x, y) ((__typeof__(x))((y)-1))
#define round_up(x, y) ((((x)-1) | __round_mask(x, y)) + 1)
#define round_down(x, y) ((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), d)
#define DIV_ROUND_DOWN_ULL(n, d) ((unsigned long long)(n) / (d))
#define roundup(x, y)                   \
  ({                                    \
    typeof(y) __ru = (y);               \
    (((x) + (__ru - 1)) / __ru) * __ru; \
  })
#define rounddown(x, y)   \
  ({                      \
    typeof(x) __rd = (x); \
    __rd - (__rd % (y));  \
  })
#define DIV_ROUND_CLOSEST(x, divisor)                                              \
  ({                                                                               \
    typeof(x) __dx = (x);                                                          \
    typeof(divisor) __dd = (divisor);                                              \
    ((typeof(x))-1) > 0 || ((typeof(divisor))-1) > 0 || ((__dx > 0) == (__dd > 0)) \
        ? ((__dx + (__dd / 2)) / __dd)                                             \
        : ((__dx - (__dd / 2)) / __dd);                                            \
  })
#define mult_frac(x, n, d)                        \
  ({                                              \
    typeof(x) __mq = (x) / (d), __mr = (x) % (d); \
    __mq*(n) + __mr*(n) / (d);                    \
  })
#define sector_div(a, b)                        \
  ({                                            \
    u32 __sb = (b), __srem = (u32)((a) % __sb); \
    (a) /= __sb;                                \
    __srem;                                     \
  })
#define abs(x)                  \
  ({                            \
    __auto_type __abs = (x);    \
    __abs < 0 ? -__abs : __abs; \
  })
#define abs_diff(a, b)                       \
  ({                                         \
    __auto_type __da = (a);                  \
    __auto_type __db = (b);                  \
    __da > __db ? __da - __db : __db - __da; \
  })
static inline u32 reciprocal_scale(u32 value, u32 range) { return (u32)(((u64)value * range) >> 32); }
static inline unsigned long int_sqrt(unsigned long x) {
  unsigned long root = 0, bit = 1UL << 62;
  while (bit > x) bit >>= 2;
  for (; bit; bit >>= 2) {
    unsigned long trial = root + bit;
    root >>= 1;
    if (x >= trial) {
      x -= trial;
      root += bit;
    }
  }
  return root;
}

#endif
