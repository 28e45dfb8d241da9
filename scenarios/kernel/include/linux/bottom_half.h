/* local_bh_disable(): preempt.h has it. */
#ifndef TRAPLINE_LINUX_BOTTOM_HALF_H
#define TRAPLINE_LINUX_BOTTOM_HALF_H

#include <linux/preempt.h>

#endif
