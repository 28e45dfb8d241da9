/* Linkage marks. */
#ifndef TRAPLINE_LINUX_LINKAGE_H
#define TRAPLINE_LINUX_LINKAGE_H

#include <linux/compiler_types.h>
#define asmlinkage_visible
#define __page_aligned_data __aligned(4096)
#define __page_aligned_bss __aligned(4096)

#endif
