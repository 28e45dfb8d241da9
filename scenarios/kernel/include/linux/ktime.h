/* Times in nanoseconds. */
#ifndef TRAPLINE_LINUX_KTIME_H
#define TRAPLINE_LINUX_KTIME_H

#include <linux/jiffies.h>
#include <linux/time.h>
#include <linux/timekeeping.h>
#define ktime_set(secs, nsecs) ((ktime_t)((s64)(secs)*NSEC_PER_SEC + (s64)(nsecs)))
#define ktime_sub(a, b) ((a) - (b))
#define ktime_add(a, b) ((a) + (b))
#define ktime_sub_ns(t, ns) ((t) - (s64)(ns))
#define ktime_add_ns(t, ns) ((t) + (s64)(ns))
#define ktime_add_us(t, us) ktime_add_ns(t, (s64)(us)*NSEC_PER_USEC)
#define ktime_add_ms(t, ms) ktime_add_ns(t, (s64)(ms)*NSEC_PER_MSEC)
#define ktime_to_ns(t) ((s64)(t))
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define us_to_ktime(us) ((ktime_t)((s64)(us)*NSEC_PER_USEC))
#define ms_to_ktime(ms) ((ktime_t)((s64)(ms)*NSEC_PER_MSEC))
static inline s64 ktime_to_us(ktime_t t) { return t / NSEC_PER_USEC; }
static inline s64 ktime_to_ms(ktime_t t) { return t / NSEC_PER_MSEC; }
static inline s64 ktime_us_delta(ktime_t later, ktime_t earlier) { return ktime_to_us(later - earlier); }
static inline s64 ktime_ms_delta(ktime_t later, ktime_t earlier) { return ktime_to_ms(later - earlier); }
static inline int ktime_compare(ktime_t a, ktime_t b) { return a < b ? -1 : a > b; }
static inline bool ktime_after(ktime_t a, ktime_t b) { return a > b; }
static inline bool ktime_before(ktime_t a, ktime_t b) { return a < b; }
#define ktime_to_timespec64(t) ns_to_timespec64(t)
#define timespec64_to_ktime(ts) timespec64_to_ns(&(ts))
#define ktime_divns(t, d) ((s64)(t) / (s64)(d))

#endif
