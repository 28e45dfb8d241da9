/* Translations: the emulator keeps them. */
#ifndef TRAPLINE_ASM_TLBFLUSH_H
#define TRAPLINE_ASM_TLBFLUSH_H

#include <linux/mm_types.h>

#endif
