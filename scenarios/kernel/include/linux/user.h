/* The user's registers: ptrace.h has them. */
#ifndef TRAPLINE_LINUX_USER_H
#define TRAPLINE_LINUX_USER_H

#include <linux/ptrace.h>

#endif
