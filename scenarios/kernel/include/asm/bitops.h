/* Bit operations: linux/bitops.h has them. */
#ifndef TRAPLINE_ASM_BITOPS_H
#define TRAPLINE_ASM_BITOPS_H

#include <linux/bitops.h>

#endif
