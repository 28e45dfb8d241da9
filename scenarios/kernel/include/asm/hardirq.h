/* In what context code runs: linux/hardirq.h has it. */
#ifndef TRAPLINE_ASM_HARDIRQ_H
#define TRAPLINE_ASM_HARDIRQ_H

#include <linux/hardirq.h>

#endif
