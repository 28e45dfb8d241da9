/* BUG() and WARN(). */
#ifndef TRAPLINE_ASM_BUG_H
#define TRAPLINE_ASM_BUG_H

#include <linux/bug.h>

#endif
