/* Arithmetic that tells of overflow. */
#ifndef TRAPLINE_LINUX_OVERFLOW_H
#define TRAPLINE_LINUX_OVERFLOW_H

#include <linux/compiler.h>
#include <linux/limits.h>
#define type_max(T) ((T)(~0ULL >> (64 - 8 * sizeof(T) + is_signed_type(T))))
#define type_min(T) ((T)(is_signed_type(T) ? ~(~0ULL >> (64 - 8 * sizeof(T) + is_signed_type(T))) : 0))
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
/* What comes out must be shifted back into what was there, and no sign may be lost. */
#define check_shl_overflow(a, s, d)                                                           \
  ({                                                                                          \
    typeof(a) __sa = (a);                                                                     \
    typeof(s) __ss = (s);                                                                     \
    typeof(d) __sd = (d);                                                                     \
    bool __so = __ss < 0 || __ss >= 8 * sizeof(*__sd) || __sa < 0;                            \
    *__sd = (typeof(*__sd))((u64)__sa << (__ss < 0 || __ss >= 8 * sizeof(*__sd) ? 0 : __ss)); \
    __so || *__sd < 0 || (*__sd >> __ss) != __sa;                                             \
  })
static inline size_t size_mul(size_t a, size_t b) {
  size_t r;
  return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}
/* SIZE_MAX stands for what is too great already. */
static inline size_t size_sub(size_t a, size_t b) {
  return a == SIZE_MAX || b == SIZE_MAX || a < b ? SIZE_MAX : a - b;
}
static inline size_t size_add(size_t a, size_t b) {
  size_t r;
  return __builtin_add_overflow(a, b, &r) ? SIZE_MAX : r;
}
#define array_size(a, b) size_mul(a, b)
#define array3_size(a, b, c) size_mul(size_mul(a, b), c)
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count) size_add(sizeof(*(p)), flex_array_size(p, member, count))

#endif
