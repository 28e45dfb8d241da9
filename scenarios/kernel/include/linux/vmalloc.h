/* Memory mapped for the kernel. */
#ifndef TRAPLINE_LINUX_VMALLOC_H
#define TRAPLINE_LINUX_VMALLOC_H

#include <linux/types.h>
void* vmalloc(unsigned long size) __malloc;
void* vzalloc(unsigned long size) __malloc;
void vfree(const void* p);
#define vmalloc_user(size) vzalloc(size)
#define vmalloc_node(size, node) vmalloc(size)
#define vzalloc_node(size, node) vzalloc(size)

#endif
