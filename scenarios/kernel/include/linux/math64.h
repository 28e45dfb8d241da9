/* 64-bit division; both instruction sets have it. */
#ifndef TRAPLINE_LINUX_MATH64_H
#define TRAPLINE_LINUX_MATH64_H

#include <linux/math.h>
static inline u64 div_u64(u64 a, u32 b) { return a / b; }
static inline s64 div_s64(s64 a, s32 b) { return a / b; }
static inline u64 div64_u64(u64 a, u64 b) { return a / b; }
static inline s64 div64_s64(s64 a, s64 b) { return a / b; }
#define div64_ul(a, b) div64_u64(a, b)
#define div64_long(a, b) div64_s64(a, b)
static inline u64 div_u64_rem(u64 a, u32 b, u32* rem) {
  *rem = (u32)(a % b);
  return a / b;
}
static inline s64 div_s64_rem(s64 a, s32 b, s32* rem) {
  *rem = (s32)(a % b);
  return a / b;
}
static inline u64 div64_u64_rem(u64 a, u64 b, u64* rem) {
  *rem = a % b;
  return a / b;
}
static inline u64 mul_u32_u32(u32 a, u32 b) { return (u64)a * b; }
static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift) {
  return (u64)(((unsigned __int128)a * b) >> shift);
}
static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift) {
  return (u64)(((unsigned __int128)a * b) >> shift);
}
#define DIV64_U64_ROUND_UP(a, b)   \
  ({                               \
    u64 __d = (b);                 \
    div64_u64((a) + __d - 1, __d); \
  })
#define DIV_U64_ROUND_CLOSEST(a, b)   \
  ({                                  \
    u32 __d = (b);                    \
    div_u64((u64)(a) + __d / 2, __d); \
  })
#include <asm/div64.h>

#endif
