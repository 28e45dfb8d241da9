/* Ticks of the clock: 250 in a second. */
#ifndef TRAPLINE_LINUX_JIFFIES_H
#define TRAPLINE_LINUX_JIFFIES_H

#include <linux/limits.h>
#include <linux/param.h>
#include <linux/time64.h>
#include <linux/typecheck.h>
extern volatile unsigned long jiffies;
#define jiffies_64 ((u64)jiffies)
#define get_jiffies_64() ((u64)jiffies)
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))
#define TICK_NSEC (NSEC_PER_SEC / HZ)
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_after64(a, b) ((s64)((b) - (a)) < 0)
#define time_before64(a, b) time_after64(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)
static inline unsigned long msecs_to_jiffies(const unsigned int m) {
  return (int)m < 0 ? MAX_JIFFY_OFFSET : ((unsigned long)m * HZ + 999) / 1000;
}
static inline unsigned long usecs_to_jiffies(const unsigned int u) {
  return ((unsigned long)u * HZ + 999999) / 1000000;
}
static inline unsigned long nsecs_to_jiffies(u64 n) { return n / TICK_NSEC; }
static inline unsigned int jiffies_to_msecs(const unsigned long j) { return (unsigned int)(j * (1000 / HZ)); }
static inline unsigned int jiffies_to_usecs(const unsigned long j) {
  return (unsigned int)(j * (1000000 / HZ));
}
static inline u64 jiffies_to_nsecs(const unsigned long j) { return (u64)j * TICK_NSEC; }
static inline u64 jiffies64_to_nsecs(u64 j) { return j * TICK_NSEC; }
static inline unsigned long secs_to_jiffies(unsigned int s) { return (unsigned long)s * HZ; }
static inline unsigned long jiffies_to_clock_t(unsigned long j) { return j * USER_HZ / HZ; }

#endif
