/* Searches for bits in arrays of words. */
#ifndef TRAPLINE_LINUX_FIND_H
#define TRAPLINE_LINUX_FIND_H

#include <linux/bitops.h>
#include <linux/bits.h>
static inline unsigned long __find_from(const unsigned long* a, unsigned long size, unsigned long at,
                                        unsigned long flip) {
  while (at < size) {
    unsigned long word = (a[BIT_WORD(at)] ^ flip) >> (at % BITS_PER_LONG);
    if (word) {
      at += __builtin_ctzl(word);
      return at < size ? at : size;
    }
    at = (at / BITS_PER_LONG + 1) * BITS_PER_LONG;
  }
  return size;
}
static inline unsigned long find_next_bit(const unsigned long* a, unsigned long size, unsigned long at) {
  return __find_from(a, size, at, 0);
}
static inline unsigned long find_next_zero_bit(const unsigned long* a, unsigned long size, unsigned long at) {
  return __find_from(a, size, at, ~0UL);
}
static inline unsigned long find_first_bit(const unsigned long* a, unsigned long size) {
  return __find_from(a, size, 0, 0);
}
static inline unsigned long find_first_zero_bit(const unsigned long* a, unsigned long size) {
  return __find_from(a, size, 0, ~0UL);
}
/* Of the words that a and b make; size where there is none. */
static inline unsigned long __find_of_two(const unsigned long* a, const unsigned long* b, unsigned long flip,
                                          unsigned long size, unsigned long at) {
  for (; at < size; at = (at / BITS_PER_LONG + 1) * BITS_PER_LONG) {
    unsigned long word = (a[BIT_WORD(at)] & (b[BIT_WORD(at)] ^ flip)) >> (at % BITS_PER_LONG);
    if (!word) continue;
    at += __builtin_ctzl(word);
    return at < size ? at : size;
  }
  return size;
}
static inline unsigned long find_next_and_bit(const unsigned long* a, const unsigned long* b,
                                              unsigned long size, unsigned long at) {
  return __find_of_two(a, b, 0, size, at);
}
static inline unsigned long find_next_andnot_bit(const unsigned long* a, const unsigned long* b,
                                                 unsigned long size, unsigned long at) {
  return __find_of_two(a, b, ~0UL, size, at);
}
static inline unsigned long find_first_and_bit(const unsigned long* a, const unsigned long* b,
                                               unsigned long size) {
  return __find_of_two(a, b, 0, size, 0);
}
/* The bit before which n are set. */
static inline unsigned long find_nth_bit(const unsigned long* a, unsigned long size, unsigned long n) {
  for (unsigned long at = 0; at < size; at += BITS_PER_LONG) {
    unsigned long word = a[BIT_WORD(at)], set;
    if (size - at < BITS_PER_LONG) word &= ~0UL >> (BITS_PER_LONG - (size - at));
    set = hweight_long(word);
    if (n >= set) {
      n -= set;
      continue;
    }
    while (n--) word &= word - 1;
    return at + __builtin_ctzl(word);
  }
  return size;
}
static inline unsigned long find_nth_and_bit(const unsigned long* a, const unsigned long* b,
                                             unsigned long size, unsigned long n) {
  unsigned long at = find_first_and_bit(a, b, size);
  while (at < size && n--) at = find_next_and_bit(a, b, size, at + 1);
  return at;
}
static inline unsigned long find_nth_andnot_bit(const unsigned long* a, const unsigned long* b,
                                                unsigned long size, unsigned long n) {
  unsigned long at = find_next_andnot_bit(a, b, size, 0);
  while (at < size && n--) at = find_next_andnot_bit(a, b, size, at + 1);
  return at;
}
/* The search goes on at the start. */
static inline unsigned long find_next_bit_wrap(const unsigned long* a, unsigned long size, unsigned long at) {
  unsigned long bit = find_next_bit(a, size, at);
  if (bit < size || !at) return bit;
  bit = find_first_bit(a, at);
  return bit < at ? bit : size;
}
/* The next after n of a round that began at start. */
static inline unsigned long __for_each_wrap(const unsigned long* a, unsigned long size, unsigned long start,
                                            unsigned long n) {
  unsigned long bit;
  if (n > start) {
    bit = find_next_bit(a, size, n);
    if (bit < size) return bit;
    n = 0;
  }
  bit = find_next_bit(a, start, n);
  return bit < start ? bit : size;
}
/* Eight bits at a multiple of eight; whole words are in the byte order of the CPU, bits are counted. */
static inline unsigned long bitmap_get_value8(const unsigned long* a, unsigned long start) {
  return (a[BIT_WORD(start)] >> (start % BITS_PER_LONG)) & 0xff;
}
static inline void bitmap_set_value8(unsigned long* a, unsigned long value, unsigned long start) {
  unsigned long* word = a + BIT_WORD(start);
  *word = (*word & ~(0xffUL << (start % BITS_PER_LONG))) | (value << (start % BITS_PER_LONG));
}
static inline unsigned long find_next_clump8(unsigned long* clump, const unsigned long* a, unsigned long size,
                                             unsigned long at) {
  at = find_next_bit(a, size, at);
  if (at >= size) return size;
  at &= ~7UL;
  *clump = bitmap_get_value8(a, at);
  return at;
}
#define find_first_clump8(clump, bits, size) find_next_clump8((clump), (bits), (size), 0)
static inline unsigned long find_last_bit(const unsigned long* a, unsigned long size) {
  unsigned long at = size;
  while (at--)
    if ((a[BIT_WORD(at)] >> (at % BITS_PER_LONG)) & 1) return at;
  return size;
}
#define for_each_set_bit(bit, a, size) \
  for ((bit) = find_first_bit((a), (size)); (bit) < (size); (bit) = find_next_bit((a), (size), (bit) + 1))
#define for_each_set_bit_from(bit, a, size)                       \
  for ((bit) = find_next_bit((a), (size), (bit)); (bit) < (size); \
       (bit) = find_next_bit((a), (size), (bit) + 1))
#define for_each_clear_bit(bit, a, size)                         \
  for ((bit) = find_first_zero_bit((a), (size)); (bit) < (size); \
       (bit) = find_next_zero_bit((a), (size), (bit) + 1))
#define for_each_clear_bit_from(bit, a, size)                          \
  for ((bit) = find_next_zero_bit((a), (size), (bit)); (bit) < (size); \
       (bit) = find_next_zero_bit((a), (size), (bit) + 1))
#define for_each_and_bit(bit, a, b, size)                              \
  for ((bit) = find_next_and_bit((a), (b), (size), 0); (bit) < (size); \
       (bit) = find_next_and_bit((a), (b), (size), (bit) + 1))
#define for_each_andnot_bit(bit, a, b, size)                              \
  for ((bit) = find_next_andnot_bit((a), (b), (size), 0); (bit) < (size); \
       (bit) = find_next_andnot_bit((a), (b), (size), (bit) + 1))
#define for_each_set_bit_wrap(bit, a, size, start)                       \
  for ((bit) = find_next_bit_wrap((a), (size), (start)); (bit) < (size); \
       (bit) = __for_each_wrap((a), (size), (start), (bit) + 1))
/* Runs of bits: from b to before e. */
#define for_each_set_bitrange_from(b, e, a, size)                                                           \
  for ((b) = find_next_bit((a), (size), (b)), (e) = find_next_zero_bit((a), (size), (b) + 1); (b) < (size); \
       (b) = find_next_bit((a), (size), (e) + 1), (e) = find_next_zero_bit((a), (size), (b) + 1))
#define for_each_set_bitrange(b, e, a, size)                                                            \
  for ((b) = find_first_bit((a), (size)), (e) = find_next_zero_bit((a), (size), (b) + 1); (b) < (size); \
       (b) = find_next_bit((a), (size), (e) + 1), (e) = find_next_zero_bit((a), (size), (b) + 1))
#define for_each_clear_bitrange_from(b, e, a, size)                                                         \
  for ((b) = find_next_zero_bit((a), (size), (b)), (e) = find_next_bit((a), (size), (b) + 1); (b) < (size); \
       (b) = find_next_zero_bit((a), (size), (e) + 1), (e) = find_next_bit((a), (size), (b) + 1))
#define for_each_clear_bitrange(b, e, a, size)                                                          \
  for ((b) = find_first_zero_bit((a), (size)), (e) = find_next_bit((a), (size), (b) + 1); (b) < (size); \
       (b) = find_next_zero_bit((a), (size), (e) + 1), (e) = find_next_bit((a), (size), (b) + 1))
#define for_each_set_clump8(start, clump, bits, size)                           \
  for ((start) = find_first_clump8(&(clump), (bits), (size)); (start) < (size); \
       (start) = find_next_clump8(&(clump), (bits), (size), (start) + 8))

#endif
