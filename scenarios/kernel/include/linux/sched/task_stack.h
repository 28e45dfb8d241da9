/* Stacks of tasks. */
#ifndef TRAPLINE_LINUX_SCHED_TASK_STACK_H
#define TRAPLINE_LINUX_SCHED_TASK_STACK_H

#include <linux/ptrace.h>

#endif
