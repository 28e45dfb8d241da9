/* Per-CPU variables: linux/percpu.h has them. */
#ifndef TRAPLINE_LINUX_PERCPU_DEFS_H
#define TRAPLINE_LINUX_PERCPU_DEFS_H

#include <linux/percpu.h>

#endif
