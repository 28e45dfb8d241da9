/* Bitmaps. */
#ifndef TRAPLINE_LINUX_BITMAP_H
#define TRAPLINE_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/string.h>
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(bits) (~0UL >> (-(bits) & (BITS_PER_LONG - 1)))
#define __bitmap_bytes(bits) (BITS_TO_LONGS(bits) * sizeof(long))
static __always_inline void bitmap_zero(unsigned long* d, unsigned int bits) {
  memset(d, 0, __bitmap_bytes(bits));
}
static inline void bitmap_fill(unsigned long* d, unsigned int bits) { memset(d, 0xff, __bitmap_bytes(bits)); }
static inline void bitmap_copy(unsigned long* d, const unsigned long* s, unsigned int bits) {
  memcpy(d, s, __bitmap_bytes(bits));
}
/* Within one word, so that the result of constants is constant. */
#define small_const_nbits(bits) (__builtin_constant_p(bits) && (bits) <= BITS_PER_LONG && (bits) > 0)
static __always_inline void bitmap_set(unsigned long* d, unsigned int start, unsigned int n) {
  if (small_const_nbits(start + n) && n) {
    *d |= GENMASK(start + n - 1, start);
    return;
  }
  for (unsigned int end = start + n; start < end; start = (start / BITS_PER_LONG + 1) * BITS_PER_LONG) {
    unsigned long mask = BITMAP_FIRST_WORD_MASK(start);
    if (end / BITS_PER_LONG == start / BITS_PER_LONG) mask &= ~BITMAP_FIRST_WORD_MASK(end);
    d[BIT_WORD(start)] |= mask;
  }
}
static __always_inline void bitmap_clear(unsigned long* d, unsigned int start, unsigned int n) {
  if (small_const_nbits(start + n) && n) {
    *d &= ~GENMASK(start + n - 1, start);
    return;
  }
  for (unsigned int end = start + n; start < end; start = (start / BITS_PER_LONG + 1) * BITS_PER_LONG) {
    unsigned long mask = BITMAP_FIRST_WORD_MASK(start);
    if (end / BITS_PER_LONG == start / BITS_PER_LONG) mask &= ~BITMAP_FIRST_WORD_MASK(end);
    d[BIT_WORD(start)] &= ~mask;
  }
}
/* What of the word i belongs to so many bits. */
static inline unsigned long __bitmap_word_mask(unsigned int i, unsigned int bits) {
  return i == bits / BITS_PER_LONG ? BITMAP_LAST_WORD_MASK(bits) : ~0UL;
}
static inline bool bitmap_and(unsigned long* d, const unsigned long* a, const unsigned long* b,
                              unsigned int bits) {
  unsigned long any = 0;
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
    any |= (d[i] = a[i] & b[i]) & __bitmap_word_mask(i, bits);
  return any != 0;
}
static inline void bitmap_or(unsigned long* d, const unsigned long* a, const unsigned long* b,
                             unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) d[i] = a[i] | b[i];
}
static inline void bitmap_xor(unsigned long* d, const unsigned long* a, const unsigned long* b,
                              unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) d[i] = a[i] ^ b[i];
}
static inline bool bitmap_andnot(unsigned long* d, const unsigned long* a, const unsigned long* b,
                                 unsigned int bits) {
  unsigned long any = 0;
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
    any |= (d[i] = a[i] & ~b[i]) & __bitmap_word_mask(i, bits);
  return any != 0;
}
static inline bool bitmap_empty(const unsigned long* a, unsigned int bits) {
  return find_first_bit(a, bits) == bits;
}
static inline bool bitmap_full(const unsigned long* a, unsigned int bits) {
  return find_first_zero_bit(a, bits) == bits;
}
static __always_inline unsigned int bitmap_weight(const unsigned long* a, unsigned int bits) {
  unsigned int n = 0, i;
  for (i = 0; i < bits / BITS_PER_LONG; i++) n += hweight_long(a[i]);
  return bits % BITS_PER_LONG ? n + hweight_long(a[i] & BITMAP_LAST_WORD_MASK(bits)) : n;
}
static inline bool bitmap_equal(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
    if ((a[i] ^ b[i]) & __bitmap_word_mask(i, bits)) return false;
  return true;
}
static inline bool bitmap_intersects(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
    if (a[i] & b[i] & __bitmap_word_mask(i, bits)) return true;
  return false;
}
static inline bool bitmap_subset(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++)
    if (a[i] & ~b[i] & __bitmap_word_mask(i, bits)) return false;
  return true;
}
static inline unsigned long bitmap_find_next_zero_area(unsigned long* map, unsigned long size,
                                                       unsigned long start, unsigned int n,
                                                       unsigned long align_mask) {
  unsigned long end;
  for (;;) {
    start = (find_next_zero_bit(map, size, start) + align_mask) & ~align_mask;
    if (start + n > size) return start + n;
    end = find_next_bit(map, start + n, start);
    if (end >= start + n) return start;
    start = end + 1;
  }
}
/* n bits from first on are cut out, and what is above them moves down. */
void bitmap_cut(unsigned long* d, const unsigned long* s, unsigned int first, unsigned int n,
                unsigned int bits);
static inline void bitmap_complement(unsigned long* d, const unsigned long* s, unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) d[i] = ~s[i];
}
static inline void bitmap_replace(unsigned long* d, const unsigned long* old, const unsigned long* n,
                                  const unsigned long* mask, unsigned int bits) {
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) d[i] = (old[i] & ~mask[i]) | (n[i] & mask[i]);
}
static __always_inline void bitmap_shift_right(unsigned long* d, const unsigned long* s, unsigned int shift,
                                               unsigned int bits) {
  if (small_const_nbits(bits)) {
    *d = (*s & BITMAP_LAST_WORD_MASK(bits)) >> shift;
    return;
  }
  for (unsigned int bit = 0; bit < bits; bit++)
    __assign_bit(bit, d, bit + shift < bits && test_bit(bit + shift, s));
}
static inline void bitmap_shift_left(unsigned long* d, const unsigned long* s, unsigned int shift,
                                     unsigned int bits) {
  for (unsigned int bit = bits; bit-- > 0;) __assign_bit(bit, d, bit >= shift && test_bit(bit - shift, s));
}
/* The words without what lies beyond the bits. */
static inline void bitmap_copy_clear_tail(unsigned long* d, const unsigned long* s, unsigned int bits) {
  bitmap_copy(d, s, bits);
  if (bits % BITS_PER_LONG) d[bits / BITS_PER_LONG] &= BITMAP_LAST_WORD_MASK(bits);
}
#define BITMAP_FROM_U64(n) (n)
static inline void bitmap_from_u64(unsigned long* d, u64 mask) { d[0] = mask; }
/* Arrays of 32-bit words have the lower half first, whatever the byte order. */
void bitmap_from_arr32(unsigned long* d, const u32* s, unsigned int bits);
void bitmap_to_arr32(u32* d, const unsigned long* s, unsigned int bits);
static inline void bitmap_from_arr64(unsigned long* d, const u64* s, unsigned int bits) {
  bitmap_copy_clear_tail(d, (const unsigned long*)s, bits);
}
static inline void bitmap_to_arr64(u64* d, const unsigned long* s, unsigned int bits) {
  bitmap_copy_clear_tail((unsigned long*)d, s, bits);
}
#define __bitmap_set(d, start, n) bitmap_set(d, start, n)
#define __bitmap_clear(d, start, n) bitmap_clear(d, start, n)
#define __bitmap_equal(a, b, bits) bitmap_equal(a, b, bits)
#define __bitmap_weight(a, bits) bitmap_weight(a, bits)
/* Text: hexadecimal words, or a list of ranges ("0-3,7,8-15:2/4"). */
int bitmap_parse(const char* buf, unsigned int n, unsigned long* d, int bits);
int bitmap_parselist(const char* buf, unsigned long* d, int bits);
int bitmap_parse_user(const char __user* buf, unsigned int n, unsigned long* d, int bits);
int bitmap_parselist_user(const char __user* buf, unsigned int n, unsigned long* d, int bits);
/* To the end of the page that buf points into. */
int bitmap_print_to_pagebuf(bool list, char* buf, const unsigned long* s, int bits);
int bitmap_print_bitmask_to_buf(char* buf, const unsigned long* s, int bits, loff_t from, size_t count);
int bitmap_print_list_to_buf(char* buf, const unsigned long* s, int bits, loff_t from, size_t count);
#define bitmap_alloc(bits, gfp) ((unsigned long*)kmalloc_array(BITS_TO_LONGS(bits), sizeof(long), gfp))
#define bitmap_zalloc(bits, gfp) ((unsigned long*)kcalloc(BITS_TO_LONGS(bits), sizeof(long), gfp))
#define bitmap_free(bitmap) kfree(bitmap)

#endif
