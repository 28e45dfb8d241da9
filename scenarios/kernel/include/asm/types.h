/* __u8 to __s64: the 64-bit ones are long long on both instruction sets, as in the kernel. */
#ifndef TRAPLINE_ASM_TYPES_H
#define TRAPLINE_ASM_TYPES_H

#ifndef __SANE_USERSPACE_TYPES__
#define __SANE_USERSPACE_TYPES__ 1
#endif
#include_next <asm/types.h>

#endif
