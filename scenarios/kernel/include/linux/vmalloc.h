/* Memory mapped for the kernel. */
#ifndef TRAPLINE_LINUX_VMALLOC_H
#define TRAPLINE_LINUX_VMALLOC_H

#include <linux/types.h>
void* vmalloc(unsigned long size) __malloc;
void* vzalloc(unsigned long size) __malloc;
void vfree(const void* p);
#define __vmalloc(size, gfp) ((gfp)&0x100u ? vzalloc(size) : vmalloc(size)) /* __GFP_ZERO */
#define vmalloc_array(n, size) vmalloc(array_size(n, size))
#define vcalloc(n, size) vzalloc(array_size(n, size))
#define vmalloc_user(size) vzalloc(size)
#define vmalloc_node(size, node) vmalloc(size)
#define vzalloc_node(size, node) vzalloc(size)

#endif
