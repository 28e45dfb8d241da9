/* min(), max(), clamp(), swap(). */
#ifndef TRAPLINE_LINUX_MINMAX_H
#define TRAPLINE_LINUX_MINMAX_H

#include <linux/compiler.h>
#define __minmax(x, y, op)              \
  ({                                    \
    __auto_type __mm_x = (x);           \
    __auto_type __mm_y = (y);           \
    (void)(&__mm_x == &__mm_y);         \
    __mm_x op __mm_y ? __mm_x : __mm_y; \
  })
/* Of two constants the result is a constant too, so that it may size an array. */
#define __minmax_any(x, y, op) \
  __builtin_choose_expr(__is_constexpr(x) && __is_constexpr(y), (x)op(y) ? (x) : (y), __minmax(x, y, op))
#define min(x, y) __minmax_any(x, y, <)
#define max(x, y) __minmax_any(x, y, >)
#define min_t(type, x, y) __minmax_any((type)(x), (type)(y), <)
#define max_t(type, x, y) __minmax_any((type)(x), (type)(y), >)
#define min3(x, y, z) min((typeof(x))min(x, y), z)
#define max3(x, y, z) max((typeof(x))max(x, y), z)
#define min_not_zero(x, y)                                               \
  ({                                                                     \
    typeof(x) __nz_x = (x);                                              \
    typeof(y) __nz_y = (y);                                              \
    __nz_x == 0 ? __nz_y : (__nz_y == 0 ? __nz_x : min(__nz_x, __nz_y)); \
  })
#define clamp(value, low, high) min((typeof(value))max(value, low), high)
#define clamp_t(type, value, low, high) min_t(type, max_t(type, value, low), high)
#define clamp_val(value, low, high) clamp_t(typeof(value), value, low, high)
#define swap(a, b)          \
  do {                      \
    typeof(a) __swap = (a); \
    (a) = (b);              \
    (b) = __swap;           \
  } while (0)

#endif
