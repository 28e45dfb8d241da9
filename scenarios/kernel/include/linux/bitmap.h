/* Bitmaps. */
#ifndef TRAPLINE_LINUX_BITMAP_H
#define TRAPLINE_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/string.h>
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(bits) (~0UL >> (-(bits) & (BITS_PER_LONG - 1)))
#define __bitmap_bytes(bits) (BITS_TO_LONGS(bits) * sizeof(long))
static inline void bitmap_zero(unsigned long* d, unsigned int bits) { memset(d, 0, __bitmap_bytes(bits)); }
static inline void bitmap_fill(unsigned long* d, unsigned int bits) { memset(d, 0xff, __bitmap_bytes(bits)); }
static inline void bitmap_copy(unsigned long* d, const unsigned long* s, unsigned int bits) {
  memcpy(d, s, __bitmap_bytes(bits));
}
static inline void bitmap_set(unsigned long* d, unsigned int start, unsigned int n) {
  while (n--) __set_bit(start++, d);
}
static inline void bitmap_clear(unsigned long* d, unsigned int start, unsigned int n) {
  while (n--) __clear_bit(start++, d);
}
static inline bool bitmap_and(unsigned long* d, const unsigned long* a, const unsigned long* b,
                              unsigned int bits) {
  unsigned long any = 0;
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) any |= d[i] = a[i] & b[i];
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
  for (unsigned int i = 0; i < BITS_TO_LONGS(bits); i++) any |= d[i] = a[i] & ~b[i];
  return any != 0;
}
static inline bool bitmap_empty(const unsigned long* a, unsigned int bits) {
  return find_first_bit(a, bits) == bits;
}
static inline bool bitmap_full(const unsigned long* a, unsigned int bits) {
  return find_first_zero_bit(a, bits) == bits;
}
static inline unsigned int bitmap_weight(const unsigned long* a, unsigned int bits) {
  unsigned int n = 0, bit;
  for_each_set_bit(bit, a, bits) n++;
  return n;
}
static inline bool bitmap_equal(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int bit = 0; bit < bits; bit++)
    if (test_bit(bit, a) != test_bit(bit, b)) return false;
  return true;
}
static inline bool bitmap_intersects(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int bit = 0; bit < bits; bit++)
    if (test_bit(bit, a) && test_bit(bit, b)) return true;
  return false;
}
static inline bool bitmap_subset(const unsigned long* a, const unsigned long* b, unsigned int bits) {
  for (unsigned int bit = 0; bit < bits; bit++)
    if (test_bit(bit, a) && !test_bit(bit, b)) return false;
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
#define bitmap_alloc(bits, gfp) ((unsigned long*)kmalloc_array(BITS_TO_LONGS(bits), sizeof(long), gfp))
#define bitmap_zalloc(bits, gfp) ((unsigned long*)kcalloc(BITS_TO_LONGS(bits), sizeof(long), gfp))
#define bitmap_free(bitmap) kfree(bitmap)

#endif
