/* Reference counts. */
#ifndef TRAPLINE_LINUX_REFCOUNT_H
#define TRAPLINE_LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>
typedef struct refcount_struct {
  atomic_t refs;
} refcount_t;
#define REFCOUNT_INIT(n) \
  { .refs = ATOMIC_INIT(n) }
static inline void refcount_set(refcount_t* r, int n) { atomic_set(&r->refs, n); }
static inline unsigned int refcount_read(const refcount_t* r) { return atomic_read(&r->refs); }
static inline bool refcount_inc_not_zero(refcount_t* r) { return atomic_inc_not_zero(&r->refs); }
static inline void refcount_inc(refcount_t* r) {
  WARN_ONCE(atomic_fetch_inc(&r->refs) == 0, "refcount_t: addition on 0; use-after-free.\n");
}
static inline void refcount_add(int i, refcount_t* r) { atomic_add(i, &r->refs); }
static inline bool refcount_sub_and_test(int i, refcount_t* r) {
  int old = atomic_fetch_sub(i, &r->refs);
  WARN_ONCE(old - i < 0, "refcount_t: underflow; use-after-free.\n");
  return old == i;
}
static inline bool refcount_dec_and_test(refcount_t* r) { return refcount_sub_and_test(1, r); }
static inline void refcount_dec(refcount_t* r) {
  WARN_ONCE(atomic_fetch_dec(&r->refs) <= 1, "refcount_t: decrement hit 0; leaking memory.\n");
}
static inline bool refcount_dec_if_one(refcount_t* r) { return atomic_cmpxchg(&r->refs, 1, 0) == 1; }

#endif
