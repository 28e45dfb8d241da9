/* Numbers of traps. */
#ifndef TRAPLINE_ASM_TRAPNR_H
#define TRAPLINE_ASM_TRAPNR_H

#include <asm/traps.h>

#endif
