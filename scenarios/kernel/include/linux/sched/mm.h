/* References to processes' memory. */
#ifndef TRAPLINE_LINUX_SCHED_MM_H
#define TRAPLINE_LINUX_SCHED_MM_H

#include <linux/mm.h>
#include <linux/sched.h>
struct mm_struct* get_task_mm(struct task_struct* task);
void mmput(struct mm_struct* mm);
static inline unsigned int memalloc_nofs_save(void) { return 0; }
static inline void memalloc_nofs_restore(unsigned int flags) {}

#endif
