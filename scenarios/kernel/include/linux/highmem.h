/* Memory beyond a direct map: there is none. */
#ifndef TRAPLINE_LINUX_HIGHMEM_H
#define TRAPLINE_LINUX_HIGHMEM_H

#include <linux/mm.h>
#include <linux/uaccess.h>

#endif
