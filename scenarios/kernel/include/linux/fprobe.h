/* Nothing: fprobes need the function tracer, which there is not. */
#ifndef TRAPLINE_LINUX_FPROBE_H
#define TRAPLINE_LINUX_FPROBE_H

#include <linux/types.h>

#endif
