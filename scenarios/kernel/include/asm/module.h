/* A module's part of the instruction set: none is needed. */
#ifndef TRAPLINE_ASM_MODULE_H
#define TRAPLINE_ASM_MODULE_H

#include <linux/types.h>

#endif
