/* Probes of users' programs: there are none. */
#ifndef TRAPLINE_LINUX_UPROBES_H
#define TRAPLINE_LINUX_UPROBES_H

#include <linux/errno.h>
#include <linux/types.h>

#endif
