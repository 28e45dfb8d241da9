/* Small macros: kernel.h has them. */
#ifndef TRAPLINE_LINUX_UTIL_MACROS_H
#define TRAPLINE_LINUX_UTIL_MACROS_H

#include <linux/kernel.h>

#endif
