/* Parameters of the scheduler. */
#ifndef TRAPLINE_LINUX_SCHED_TYPES_H
#define TRAPLINE_LINUX_SCHED_TYPES_H

#include <linux/sched.h>
struct sched_param {
  int sched_priority;
};
#define sched_setscheduler(p, policy, param) (sched_set_fifo(p), 0)
#define sched_setscheduler_nocheck(p, policy, param) (sched_set_fifo(p), 0)

#endif
