/* Priorities: sched.h has them. */
#ifndef TRAPLINE_LINUX_SCHED_PRIO_H
#define TRAPLINE_LINUX_SCHED_PRIO_H

#include <linux/sched.h>
#define MAX_NICE 19
#define MIN_NICE -20

#endif
