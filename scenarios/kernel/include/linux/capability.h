/* What the task that runs may do. */
#ifndef TRAPLINE_LINUX_CAPABILITY_H
#define TRAPLINE_LINUX_CAPABILITY_H

#include_next <linux/capability.h>
#include <linux/types.h>
bool capable(int cap);
#define ns_capable(ns, cap) capable(cap)
#define perfmon_capable() capable(CAP_SYS_ADMIN)

#endif
