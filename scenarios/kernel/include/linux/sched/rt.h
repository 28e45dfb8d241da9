/* Real-time priorities: sched.h has them. */
#ifndef TRAPLINE_LINUX_SCHED_RT_H
#define TRAPLINE_LINUX_SCHED_RT_H

#include <linux/sched.h>
#define MAX_USER_RT_PRIO MAX_RT_PRIO

#endif
