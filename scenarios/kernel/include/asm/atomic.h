/* Atomic counters: linux/atomic.h has them. */
#ifndef TRAPLINE_ASM_ATOMIC_H
#define TRAPLINE_ASM_ATOMIC_H

#include <linux/atomic.h>

#endif
