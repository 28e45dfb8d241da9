/* Traces of stacks. */
#ifndef TRAPLINE_ASM_STACKTRACE_H
#define TRAPLINE_ASM_STACKTRACE_H

#include <linux/stacktrace.h>

#endif
