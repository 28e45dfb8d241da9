/* local64_t: counters of one CPU. */
#ifndef TRAPLINE_ASM_LOCAL64_H
#define TRAPLINE_ASM_LOCAL64_H

#include <asm/local.h>

#endif
