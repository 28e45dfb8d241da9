/* Marks of functions that must not be probed. */
#ifndef TRAPLINE_ASM_GENERIC_KPROBES_H
#define TRAPLINE_ASM_GENERIC_KPROBES_H

#include <linux/compiler.h>
#define nokprobe_inline __always_inline
#define __kprobes
#define NOKPROBE_SYMBOL(name)

#endif
