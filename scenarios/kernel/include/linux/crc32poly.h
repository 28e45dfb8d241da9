/* The polynomials of checksums. */
#ifndef TRAPLINE_LINUX_CRC32POLY_H
#define TRAPLINE_LINUX_CRC32POLY_H

#define CRC32_POLY_LE 0xedb88320u
#define CRC32_POLY_BE 0x04c11db7u
#define CRC32C_POLY_LE 0x82f63b78u

#endif
