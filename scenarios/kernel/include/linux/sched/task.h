/* References to tasks. */
#ifndef TRAPLINE_LINUX_SCHED_TASK_H
#define TRAPLINE_LINUX_SCHED_TASK_H

#include <linux/sched.h>
#include <linux/sched/signal.h>
#define tasklist_lock_held 1

#endif
