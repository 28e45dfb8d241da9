/* Castagnoli's checksum. */
#ifndef TRAPLINE_LINUX_CRC32C_H
#define TRAPLINE_LINUX_CRC32C_H

#include <linux/crc32.h>
static inline u32 crc32c(u32 crc, const void* p, unsigned int n) { return __crc32c_le(crc, p, n); }

#endif
