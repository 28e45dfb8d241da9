/* Formatted strings: kernel.h has them. */
#ifndef TRAPLINE_LINUX_SPRINTF_H
#define TRAPLINE_LINUX_SPRINTF_H

#include <linux/kernel.h>

#endif
