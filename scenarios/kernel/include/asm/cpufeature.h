/* What the CPU has: nothing is told. */
#ifndef TRAPLINE_ASM_CPUFEATURE_H
#define TRAPLINE_ASM_CPUFEATURE_H

#include <linux/types.h>
#define boot_cpu_has(x) ((void)(x), false)
#define static_cpu_has(x) ((void)(x), false)

#endif
