/* DO_ONCE_LITE(): once.h has it. */
#ifndef TRAPLINE_LINUX_ONCE_LITE_H
#define TRAPLINE_LINUX_ONCE_LITE_H

#include <linux/once.h>

#endif
