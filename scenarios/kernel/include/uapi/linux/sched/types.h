/* Parameters of the scheduler. */
#ifndef TRAPLINE_UAPI_LINUX_SCHED_TYPES_H
#define TRAPLINE_UAPI_LINUX_SCHED_TYPES_H

#include <linux/sched/types.h>

#endif
