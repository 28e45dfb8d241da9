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
/* A page is known by its own address: there is no array of struct page. */
#define virt_to_page(p) ((struct page*)((unsigned long)(p)&PAGE_MASK))
#define virt_to_head_page(p) virt_to_page(p)
#define page_address(page) ((void*)(page))
#define page_to_virt(page) page_address(page)
#define alloc_pages(gfp, order) ((struct page*)__get_free_pages(gfp, order))
#define alloc_page(gfp) alloc_pages(gfp, 0)
#define __free_pages(page, order) free_pages((unsigned long)(page), order)
#define __free_page(page) __free_pages(page, 0)
#define FOLL_WRITE 0x01
#define FOLL_FORCE 0x10

#endif
