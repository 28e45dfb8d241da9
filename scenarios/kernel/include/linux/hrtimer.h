/* High-resolution timers: functions called in interrupt context. */
#ifndef TRAPLINE_LINUX_HRTIMER_H
#define TRAPLINE_LINUX_HRTIMER_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/timer.h>
enum hrtimer_mode {
  HRTIMER_MODE_ABS = 0,
  HRTIMER_MODE_REL = 1,
  HRTIMER_MODE_PINNED = 2,
  HRTIMER_MODE_SOFT = 4,
  HRTIMER_MODE_HARD = 8,
  HRTIMER_MODE_ABS_PINNED = 2,
  HRTIMER_MODE_REL_PINNED = 3,
  HRTIMER_MODE_ABS_SOFT = 4,
  HRTIMER_MODE_REL_SOFT = 5,
  HRTIMER_MODE_ABS_HARD = 8,
  HRTIMER_MODE_REL_HARD = 9,
  HRTIMER_MODE_ABS_PINNED_HARD = 10,
  HRTIMER_MODE_REL_PINNED_HARD = 11,
};
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
struct hrtimer {
  ktime_t expires; /* by the timer's clock */
  enum hrtimer_restart (*function)(struct hrtimer*);
  int clock;
  unsigned int state; /* bit 0: queued */
  struct list_head node;
  u64 due; /* by ktime_get_ns() */
  int cpu;
  unsigned int is_soft;
};
void hrtimer_init(struct hrtimer* t, clockid_t clock, enum hrtimer_mode mode);
void hrtimer_start(struct hrtimer* t, ktime_t when, enum hrtimer_mode mode);
int hrtimer_cancel(struct hrtimer* t);
int hrtimer_try_to_cancel(struct hrtimer* t);
ktime_t __hrtimer_now(const struct hrtimer* t);
#define hrtimer_start_range_ns(t, when, range, mode) hrtimer_start(t, when, mode)
#define hrtimer_start_expires(t, mode) hrtimer_start(t, (t)->expires, mode)
static inline void hrtimer_restart(struct hrtimer* t) { hrtimer_start(t, t->expires, HRTIMER_MODE_ABS); }
#define hrtimer_cb_get_time(t) __hrtimer_now(t)
static inline void hrtimer_setup(struct hrtimer* t, enum hrtimer_restart (*f)(struct hrtimer*),
                                 clockid_t clock, enum hrtimer_mode mode) {
  hrtimer_init(t, clock, mode);
  t->function = f;
}
/* Queued, or its function runs. */
bool hrtimer_active(const struct hrtimer* t);
static inline bool hrtimer_is_queued(struct hrtimer* t) { return READ_ONCE(t->state) & 1; }
bool hrtimer_callback_running(struct hrtimer* t);
static inline ktime_t hrtimer_get_expires(const struct hrtimer* t) { return t->expires; }
static inline void hrtimer_set_expires(struct hrtimer* t, ktime_t when) { t->expires = when; }
static inline ktime_t hrtimer_get_remaining(const struct hrtimer* t) { return t->expires - __hrtimer_now(t); }
static inline u64 hrtimer_forward(struct hrtimer* t, ktime_t now, ktime_t interval) {
  u64 n = 0;
  if (now < t->expires || interval <= 0) return 0;
  n = (u64)(now - t->expires) / (u64)interval + 1;
  t->expires += (s64)n * interval;
  return n;
}
static inline u64 hrtimer_forward_now(struct hrtimer* t, ktime_t interval) {
  return hrtimer_forward(t, __hrtimer_now(t), interval);
}

#endif
