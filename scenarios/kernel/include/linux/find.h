/* Searches for bits in arrays of words. */
#ifndef TRAPLINE_LINUX_FIND_H
#define TRAPLINE_LINUX_FIND_H

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

#endif
