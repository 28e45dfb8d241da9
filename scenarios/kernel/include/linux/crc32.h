/* Checksums of 32 bits: by the lower bit first, by the upper bit first, and Castagnoli's. */
#ifndef TRAPLINE_LINUX_CRC32_H
#define TRAPLINE_LINUX_CRC32_H

#include <linux/types.h>
u32 crc32_le(u32 crc, const unsigned char* p, size_t n);
u32 crc32_be(u32 crc, const unsigned char* p, size_t n);
u32 __crc32c_le(u32 crc, const unsigned char* p, size_t n);
/* Of two parts one after the other, the second of n bytes, from the checksum of each. */
u32 crc32_le_combine(u32 a, u32 b, size_t n);
u32 __crc32c_le_combine(u32 a, u32 b, size_t n);
#define crc32(seed, p, n) crc32_le(seed, (const unsigned char*)(p), n)
#define ether_crc_le(n, p) crc32_le(~0u, p, n)

#endif
