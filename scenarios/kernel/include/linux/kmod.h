/* request_module(): nothing is ever loaded by request. */
#ifndef TRAPLINE_LINUX_KMOD_H
#define TRAPLINE_LINUX_KMOD_H

#include <linux/errno.h>
#define request_module(fmt, ...) (-ENOSYS)
#define request_module_nowait(fmt, ...) (-ENOSYS)

#endif
