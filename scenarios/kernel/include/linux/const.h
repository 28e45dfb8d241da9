/* Constants that an assembler can read too. */
#ifndef TRAPLINE_LINUX_CONST_H
#define TRAPLINE_LINUX_CONST_H

#include_next <linux/const.h>
#define UL(x) _UL(x)
#define ULL(x) _ULL(x)

#endif
