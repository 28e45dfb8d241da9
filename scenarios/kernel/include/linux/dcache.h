/* Names of files: fs.h has what there is. */
#ifndef TRAPLINE_LINUX_DCACHE_H
#define TRAPLINE_LINUX_DCACHE_H

#include <linux/fs.h>

#endif
