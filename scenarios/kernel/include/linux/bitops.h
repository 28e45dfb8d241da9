/* Bits of words in memory, atomic (set_bit) and not (__set_bit), and searches for bits. */
#ifndef TRAPLINE_LINUX_BITOPS_H
#define TRAPLINE_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/typecheck.h>

static __always_inline void set_bit(long nr, volatile unsigned long* p) {
  __atomic_fetch_or(p + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}
static __always_inline void clear_bit(long nr, volatile unsigned long* p) {
  __atomic_fetch_and(p + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_RELAXED);
}
static __always_inline void change_bit(long nr, volatile unsigned long* p) {
  __atomic_fetch_xor(p + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}
static __always_inline void clear_bit_unlock(long nr, volatile unsigned long* p) {
  __atomic_fetch_and(p + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_RELEASE);
}
static __always_inline bool test_and_set_bit(long nr, volatile unsigned long* p) {
  return __atomic_fetch_or(p + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}
static __always_inline bool test_and_clear_bit(long nr, volatile unsigned long* p) {
  return __atomic_fetch_and(p + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}
static __always_inline bool test_and_change_bit(long nr, volatile unsigned long* p) {
  return __atomic_fetch_xor(p + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}
static __always_inline bool test_and_set_bit_lock(long nr, volatile unsigned long* p) {
  return test_and_set_bit(nr, p);
}
/* Of a word that the compiler knows, the bit is known. */
static __always_inline bool test_bit(long nr, const volatile unsigned long* p) {
  const unsigned long* word = (const unsigned long*)p + BIT_WORD(nr);
  return ((__builtin_constant_p(*word) ? *word : READ_ONCE(*word)) >> (nr % BITS_PER_LONG)) & 1;
}
#define __bit_word(nr, p) (((unsigned long*)(p))[BIT_WORD(nr)])
static __always_inline void __set_bit(long nr, volatile unsigned long* p) {
  __bit_word(nr, p) |= BIT_MASK(nr);
}
static __always_inline void __clear_bit(long nr, volatile unsigned long* p) {
  __bit_word(nr, p) &= ~BIT_MASK(nr);
}
static __always_inline void __change_bit(long nr, volatile unsigned long* p) {
  __bit_word(nr, p) ^= BIT_MASK(nr);
}
static __always_inline bool __test_and_set_bit(long nr, volatile unsigned long* p) {
  bool old = test_bit(nr, p);
  __set_bit(nr, p);
  return old;
}
static __always_inline bool __test_and_clear_bit(long nr, volatile unsigned long* p) {
  bool old = test_bit(nr, p);
  __clear_bit(nr, p);
  return old;
}
static __always_inline bool __test_and_change_bit(long nr, volatile unsigned long* p) {
  bool old = test_bit(nr, p);
  __change_bit(nr, p);
  return old;
}
static __always_inline void __clear_bit_unlock(long nr, volatile unsigned long* p) {
  clear_bit_unlock(nr, p);
}
static __always_inline bool test_bit_acquire(long nr, const volatile unsigned long* p) {
  return (__atomic_load_n(p + BIT_WORD(nr), __ATOMIC_ACQUIRE) >> (nr % BITS_PER_LONG)) & 1;
}
#define assign_bit(nr, p, value) ((value) ? set_bit(nr, p) : clear_bit(nr, p))
#define __assign_bit(nr, p, value) ((value) ? __set_bit(nr, p) : __clear_bit(nr, p))

static __always_inline unsigned long __ffs(unsigned long x) { return __builtin_ctzl(x); }
static __always_inline unsigned long __fls(unsigned long x) { return 63 - __builtin_clzl(x); }
static __always_inline unsigned long ffz(unsigned long x) { return __builtin_ctzl(~x); }
static __always_inline int ffs(int x) { return x ? __builtin_ctz(x) + 1 : 0; }
static __always_inline int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
static __always_inline int fls64(u64 x) { return x ? 64 - __builtin_clzll(x) : 0; }
static __always_inline unsigned int fls_long(unsigned long x) { return fls64(x); }
static __always_inline unsigned long __ffs64(u64 x) { return __builtin_ctzll(x); }
static __always_inline int get_bitmask_order(unsigned int x) { return fls(x); }
/* Of the power of two that is not less; -1 of 0. */
static __always_inline int get_count_order(unsigned int x) { return x ? fls(x - 1) : -1; }
static __always_inline int get_count_order_long(unsigned long x) { return x ? (int)fls_long(x - 1) : -1; }

static __always_inline unsigned long hweight64(u64 x) {
  if (__builtin_constant_p(x)) return __builtin_popcountll(x);
  /* The counts of two bits, of four, of eight, and their sum in the highest byte. */
  x -= (x >> 1) & 0x5555555555555555ull;
  x = (x & 0x3333333333333333ull) + ((x >> 2) & 0x3333333333333333ull);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full;
  return (x * 0x0101010101010101ull) >> 56;
}
static __always_inline unsigned int hweight32(u32 x) { return hweight64(x); }
static __always_inline unsigned int hweight16(u16 x) { return hweight64(x); }
static __always_inline unsigned int hweight8(u8 x) { return hweight64(x); }
static __always_inline unsigned long hweight_long(unsigned long x) { return hweight64(x); }

static inline u16 rol16(u16 x, unsigned int s) { return (u16)((x << (s & 15)) | (x >> (-s & 15))); }
static inline u16 ror16(u16 x, unsigned int s) { return (u16)((x >> (s & 15)) | (x << (-s & 15))); }
static inline u8 rol8(u8 x, unsigned int s) { return (u8)((x << (s & 7)) | (x >> (-s & 7))); }
static inline u8 ror8(u8 x, unsigned int s) { return (u8)((x >> (s & 7)) | (x << (-s & 7))); }
static inline u64 rol64(u64 x, unsigned int s) { return (x << (s & 63)) | (x >> (-s & 63)); }
static inline u64 ror64(u64 x, unsigned int s) { return (x >> (s & 63)) | (x << (-s & 63)); }
static inline u32 rol32(u32 x, unsigned int s) { return (x << (s & 31)) | (x >> (-s & 31)); }
static inline u32 ror32(u32 x, unsigned int s) { return (x >> (s & 31)) | (x << (-s & 31)); }
static inline s32 sign_extend32(u32 x, int bit) { return (s32)(x << (31 - bit)) >> (31 - bit); }
static inline s64 sign_extend64(u64 x, int bit) { return (s64)(x << (63 - bit)) >> (63 - bit); }
#include <linux/find.h>

#endif
