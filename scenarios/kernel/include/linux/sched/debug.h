/* What is shown of tasks. */
#ifndef TRAPLINE_LINUX_SCHED_DEBUG_H
#define TRAPLINE_LINUX_SCHED_DEBUG_H

#include <linux/sched.h>
#include <linux/stacktrace.h>
struct pt_regs;
void sched_show_task(struct task_struct* p);
void show_regs(struct pt_regs* regs);
#define show_stack(task, sp, level) sched_show_task(task)

#endif
