/* BIT(). */
#ifndef TRAPLINE_VDSO_BITS_H
#define TRAPLINE_VDSO_BITS_H

#include <linux/bits.h>

#endif
