/* Bounds of the kernel's parts. */
#ifndef TRAPLINE_ASM_SECTIONS_H
#define TRAPLINE_ASM_SECTIONS_H

#include <linux/kallsyms.h>
#define dereference_function_descriptor(p) dereference_symbol_descriptor(p)
#define dereference_kernel_function_descriptor(p) dereference_symbol_descriptor(p)
int core_kernel_text(unsigned long address);

#endif
