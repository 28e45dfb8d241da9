/* The CPU's counter of cycles. */
#ifndef TRAPLINE_ASM_TSC_H
#define TRAPLINE_ASM_TSC_H

#include <asm/timex.h>
#define rdtsc() get_cycles()
#define rdtsc_ordered() get_cycles()

#endif
