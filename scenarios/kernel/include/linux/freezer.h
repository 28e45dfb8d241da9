/* Freezing of tasks: none is frozen. */
#ifndef TRAPLINE_LINUX_FREEZER_H
#define TRAPLINE_LINUX_FREEZER_H

#include <linux/sched.h>
#define set_freezable() (false)
#define try_to_freeze() (false)
#define freezing(p) (false)

#endif
