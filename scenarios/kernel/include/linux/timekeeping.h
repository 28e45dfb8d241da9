/* The clocks. */
#ifndef TRAPLINE_LINUX_TIMEKEEPING_H
#define TRAPLINE_LINUX_TIMEKEEPING_H

#include <linux/errno.h>
#include <linux/time64.h>
typedef s64 ktime_t;
ktime_t ktime_get(void);
ktime_t ktime_get_real(void);
ktime_t ktime_get_boottime(void);
u64 ktime_get_ns(void);
u64 ktime_get_real_ns(void);
static inline u64 ktime_get_boottime_ns(void) { return (u64)ktime_get_boottime(); }
static inline u64 ktime_get_raw_ns(void) { return ktime_get_ns(); }
static inline u64 ktime_get_mono_fast_ns(void) { return ktime_get_ns(); }
static inline ktime_t ktime_get_raw(void) { return ktime_get(); }
static inline ktime_t ktime_get_coarse(void) { return ktime_get(); }
static inline time64_t ktime_get_real_seconds(void) { return (time64_t)(ktime_get_real_ns() / NSEC_PER_SEC); }
static inline time64_t ktime_get_seconds(void) { return (time64_t)(ktime_get_ns() / NSEC_PER_SEC); }
static inline void ktime_get_ts64(struct timespec64* ts) { *ts = ns_to_timespec64(ktime_get()); }
static inline void ktime_get_real_ts64(struct timespec64* ts) { *ts = ns_to_timespec64(ktime_get_real()); }
static inline void ktime_get_boottime_ts64(struct timespec64* ts) {
  *ts = ns_to_timespec64(ktime_get_boottime());
}
static inline void ktime_get_raw_ts64(struct timespec64* ts) { ktime_get_ts64(ts); }
static inline void ktime_get_coarse_real_ts64(struct timespec64* ts) { ktime_get_real_ts64(ts); }

#endif
