/* Delays. */
#ifndef TRAPLINE_LINUX_DELAY_H
#define TRAPLINE_LINUX_DELAY_H

#include <linux/math.h>
#include <linux/sched.h>
void ndelay(unsigned long ns);
void udelay(unsigned long us);
void mdelay(unsigned long ms);
void msleep(unsigned int ms);
unsigned long msleep_interruptible(unsigned int ms);
void usleep_range(unsigned long min, unsigned long max);
static inline void ssleep(unsigned int seconds) { msleep(seconds * 1000); }
static inline void fsleep(unsigned long us) { usleep_range(us, us * 2); }
#define usleep_idle_range(min, max) usleep_range(min, max)

extern unsigned long loops_per_jiffy; /* for show: delays go by the clock */

#endif
