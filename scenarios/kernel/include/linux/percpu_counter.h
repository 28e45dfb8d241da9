/* Counters kept as one number under atomic operations. */
#ifndef TRAPLINE_LINUX_PERCPU_COUNTER_H
#define TRAPLINE_LINUX_PERCPU_COUNTER_H

#include <linux/atomic.h>
#include <linux/gfp.h>
struct percpu_counter {
  atomic64_t count;
};
#define percpu_counter_init(c, value, gfp) (atomic64_set(&(c)->count, value), 0)
#define percpu_counter_destroy(c) \
  do {                            \
    (void)(c);                    \
  } while (0)
#define percpu_counter_add(c, n) atomic64_add(n, &(c)->count)
#define percpu_counter_inc(c) atomic64_inc(&(c)->count)
#define percpu_counter_dec(c) atomic64_dec(&(c)->count)
#define percpu_counter_sum(c) atomic64_read(&(c)->count)
#define percpu_counter_read(c) atomic64_read(&(c)->count)
#define percpu_counter_set(c, n) atomic64_set(&(c)->count, n)

#endif
