/* The width of a long. */
#ifndef TRAPLINE_ASM_BITSPERLONG_H
#define TRAPLINE_ASM_BITSPERLONG_H

#include_next <asm/bitsperlong.h>

#endif
