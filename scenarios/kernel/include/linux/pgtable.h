/* Page tables are not a module's business here. */
#ifndef TRAPLINE_LINUX_PGTABLE_H
#define TRAPLINE_LINUX_PGTABLE_H

#include <asm/page.h>

#endif
