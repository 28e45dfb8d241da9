/* Page tables are not a module's business here. */
#ifndef TRAPLINE_ASM_PGTABLE_H
#define TRAPLINE_ASM_PGTABLE_H

#include <asm/page.h>

#endif
