/* The scheduler's clock. */
#ifndef TRAPLINE_LINUX_SCHED_CLOCK_H
#define TRAPLINE_LINUX_SCHED_CLOCK_H

#include <linux/types.h>
u64 sched_clock(void);
#define local_clock() sched_clock()
#define cpu_clock(cpu) ((void)(cpu), sched_clock())

#endif
