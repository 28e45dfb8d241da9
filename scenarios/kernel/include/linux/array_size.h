/* ARRAY_SIZE(). */
#ifndef TRAPLINE_LINUX_ARRAY_SIZE_H
#define TRAPLINE_LINUX_ARRAY_SIZE_H

#include <linux/compiler.h>
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]) + 0 * __must_be_array(a))

#endif
