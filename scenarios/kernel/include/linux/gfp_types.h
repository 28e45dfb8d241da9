/* Flags of allocations: gfp.h has them. */
#ifndef TRAPLINE_LINUX_GFP_TYPES_H
#define TRAPLINE_LINUX_GFP_TYPES_H

#include <linux/gfp.h>

#endif
