/* Hexadecimal digits: kernel.h has them. */
#ifndef TRAPLINE_LINUX_HEX_H
#define TRAPLINE_LINUX_HEX_H

#include <linux/kernel.h>

#endif
