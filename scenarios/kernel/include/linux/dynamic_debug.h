/* Debug messages: printk.h has them. */
#ifndef TRAPLINE_LINUX_DYNAMIC_DEBUG_H
#define TRAPLINE_LINUX_DYNAMIC_DEBUG_H

#include <linux/printk.h>

#endif
