/* The task that runs. */
#ifndef TRAPLINE_ASM_THREAD_INFO_H
#define TRAPLINE_ASM_THREAD_INFO_H

#include <linux/thread_info.h>

#endif
