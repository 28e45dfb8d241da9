/* Memory of a process (opaque). */
#ifndef TRAPLINE_LINUX_MM_TYPES_H
#define TRAPLINE_LINUX_MM_TYPES_H

#include <linux/types.h>
struct mm_struct;
struct vm_area_struct;
struct page;

#endif
