/* The task that runs. */
#ifndef TRAPLINE_ASM_CURRENT_H
#define TRAPLINE_ASM_CURRENT_H

#include <linux/compiler.h>
struct task_struct;
struct task_struct* get_current(void);
#define current get_current()

#endif
