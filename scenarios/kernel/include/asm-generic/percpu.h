/* Per-CPU variables: linux/percpu.h has them. */
#ifndef TRAPLINE_ASM_GENERIC_PERCPU_H
#define TRAPLINE_ASM_GENERIC_PERCPU_H

#include <linux/percpu.h>

#endif
