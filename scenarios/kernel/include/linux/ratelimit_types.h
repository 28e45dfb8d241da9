/* The state of a rate limit. */
#ifndef TRAPLINE_LINUX_RATELIMIT_TYPES_H
#define TRAPLINE_LINUX_RATELIMIT_TYPES_H

#include <linux/types.h>
#define DEFAULT_RATELIMIT_INTERVAL (5 * 250)
#define DEFAULT_RATELIMIT_BURST 10
struct ratelimit_state {
  int interval; /* jiffies */
  int burst;
  int printed;
  int missed;
  unsigned long begin;
  unsigned long flags;
};
#define RATELIMIT_STATE_INIT(name, i, b) \
  { .interval = (i), .burst = (b) }
#define DEFINE_RATELIMIT_STATE(name, i, b) struct ratelimit_state name = RATELIMIT_STATE_INIT(name, i, b)

#endif
