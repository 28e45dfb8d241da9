/* Random numbers. */
#ifndef TRAPLINE_LINUX_PRANDOM_H
#define TRAPLINE_LINUX_PRANDOM_H

#include <linux/random.h>
#define prandom_u32() get_random_u32()
#define prandom_bytes(buf, n) get_random_bytes(buf, n)

#endif
