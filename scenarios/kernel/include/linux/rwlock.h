/* Reader-writer locks: spinlock.h has them. */
#ifndef TRAPLINE_LINUX_RWLOCK_H
#define TRAPLINE_LINUX_RWLOCK_H

#include <linux/spinlock.h>

#endif
