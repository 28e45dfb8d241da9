// Checksums of 32 bits (lib/crc32.c), bit by bit.
#include <linux/crc32.h>
#include <linux/crc32poly.h>

static u32 low_bits_first(u32 crc, const unsigned char* p, size_t n, u32 polynomial) {
  for (; n > 0; n--) {
    crc ^= *p++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return crc;
}
u32 crc32_le(u32 crc, const unsigned char* p, size_t n) { return low_bits_first(crc, p, n, CRC32_POLY_LE); }
u32 __crc32c_le(u32 crc, const unsigned char* p, size_t n) {
  return low_bits_first(crc, p, n, CRC32C_POLY_LE);
}

// Of polynomials, modulo that one; the highest bit is x to the power of 0.
static u32 product(u32 a, u32 b, u32 polynomial) {
  u32 sum = 0;

  for (u32 bit = 1u << 31; bit; bit >>= 1) {
    if (a & bit) sum ^= b;
    b = b >> 1 ^ (b & 1 ? polynomial : 0);
  }
  return sum;
}

// As if n zeros came after the first part: times x to the power of 8 n.
static u32 combined(u32 a, u32 b, size_t n, u32 polynomial) {
  for (u32 power = 1u << 23; n > 0; n >>= 1) {
    if (n & 1) a = product(power, a, polynomial);
    power = product(power, power, polynomial);
  }
  return a ^ b;
}
u32 crc32_le_combine(u32 a, u32 b, size_t n) { return combined(a, b, n, CRC32_POLY_LE); }
u32 __crc32c_le_combine(u32 a, u32 b, size_t n) { return combined(a, b, n, CRC32C_POLY_LE); }

u32 crc32_be(u32 crc, const unsigned char* p, size_t n) {
  for (; n > 0; n--) {
    crc ^= (u32)*p++ << 24;
    for (int bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc >> 31 ? CRC32_POLY_BE : 0);
  }
  return crc;
}
