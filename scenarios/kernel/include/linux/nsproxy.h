/* Namespaces: one of each. */
#ifndef TRAPLINE_LINUX_NSPROXY_H
#define TRAPLINE_LINUX_NSPROXY_H

#include <linux/sched.h>

#endif
