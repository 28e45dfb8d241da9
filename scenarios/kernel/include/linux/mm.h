/* Memory of a process (opaque), pages, and what mm.h brings along. */
#ifndef TRAPLINE_LINUX_MM_H
#define TRAPLINE_LINUX_MM_H

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
/* Reads or writes a task's memory; returns the bytes done. gup_flags: FOLL_WRITE to write. */
int access_process_vm(struct task_struct* task, unsigned long address, void* buf, int len,
                      unsigned int gup_flags);
bool is_vmalloc_addr(const void* p);
bool __virt_addr_valid(unsigned long address);
#define virt_addr_valid(p) __virt_addr_valid((unsigned long)(p))
#define FOLL_WRITE 0x01
#define FOLL_FORCE 0x10

#endif
