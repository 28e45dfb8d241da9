/* Registers of tasks, and tracing. */
#ifndef TRAPLINE_LINUX_PTRACE_H
#define TRAPLINE_LINUX_PTRACE_H

#include <asm/ptrace.h>
#include <linux/compiler.h>
#include_next <linux/ptrace.h>
#include <linux/sched.h>
/* A task's user registers. */
struct pt_regs* task_pt_regs(struct task_struct* task);
#define current_pt_regs() task_pt_regs(current)
#define task_stack_page(task) ((task)->stack)

#endif
