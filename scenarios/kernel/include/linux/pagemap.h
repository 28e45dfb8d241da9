/* Memory of files: mm.h has what there is. */
#ifndef TRAPLINE_LINUX_PAGEMAP_H
#define TRAPLINE_LINUX_PAGEMAP_H

#include <linux/fs.h>
#include <linux/mm.h>

#endif
