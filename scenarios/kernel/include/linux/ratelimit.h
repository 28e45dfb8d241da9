/* Rate limits of messages. */
#ifndef TRAPLINE_LINUX_RATELIMIT_H
#define TRAPLINE_LINUX_RATELIMIT_H

#include <linux/printk.h>
#include <linux/ratelimit_types.h>
static inline void ratelimit_state_init(struct ratelimit_state* rs, int interval, int burst) {
  *rs = (struct ratelimit_state){.interval = interval, .burst = burst};
}
static inline void ratelimit_default_init(struct ratelimit_state* rs) {
  ratelimit_state_init(rs, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
}

#endif
