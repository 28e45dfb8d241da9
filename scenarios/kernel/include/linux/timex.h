/* The CPU's counter of cycles. */
#ifndef TRAPLINE_LINUX_TIMEX_H
#define TRAPLINE_LINUX_TIMEX_H

#include <asm/timex.h>
#include <linux/time.h>
#include_next <linux/timex.h>

#endif
