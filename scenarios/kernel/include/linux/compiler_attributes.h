/* Attributes of the compiler: compiler_types.h has them. */
#ifndef TRAPLINE_LINUX_COMPILER_ATTRIBUTES_H
#define TRAPLINE_LINUX_COMPILER_ATTRIBUTES_H

#include <linux/compiler_types.h>

#endif
