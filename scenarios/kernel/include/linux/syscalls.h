/* System calls: types only. */
#ifndef TRAPLINE_LINUX_SYSCALLS_H
#define TRAPLINE_LINUX_SYSCALLS_H

#include <linux/sched.h>
#include <linux/types.h>

#endif
