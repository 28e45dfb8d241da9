/* Atomic counters, made of the compiler's atomic operations. */
#ifndef TRAPLINE_LINUX_ATOMIC_H
#define TRAPLINE_LINUX_ATOMIC_H

#include <asm/barrier.h>
#include <asm/cmpxchg.h>
#include <linux/types.h>

#define __ATOMIC_OPS(prefix, type, value)                                                            \
  static __always_inline value prefix##_read(const type* v) { return READ_ONCE(v->counter); }        \
  static __always_inline value prefix##_read_acquire(const type* v) {                                \
    return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);                                           \
  }                                                                                                  \
  static __always_inline void prefix##_set(type* v, value i) { WRITE_ONCE(v->counter, i); }          \
  static __always_inline void prefix##_set_release(type* v, value i) {                               \
    __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);                                              \
  }                                                                                                  \
  static __always_inline void prefix##_add(value i, type* v) {                                       \
    __atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);                                            \
  }                                                                                                  \
  static __always_inline void prefix##_sub(value i, type* v) {                                       \
    __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);                                            \
  }                                                                                                  \
  static __always_inline void prefix##_inc(type* v) { prefix##_add(1, v); }                          \
  static __always_inline void prefix##_dec(type* v) { prefix##_sub(1, v); }                          \
  static __always_inline void prefix##_and(value i, type* v) {                                       \
    __atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);                                            \
  }                                                                                                  \
  static __always_inline void prefix##_or(value i, type* v) {                                        \
    __atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);                                             \
  }                                                                                                  \
  static __always_inline void prefix##_xor(value i, type* v) {                                       \
    __atomic_fetch_xor(&v->counter, i, __ATOMIC_RELAXED);                                            \
  }                                                                                                  \
  static __always_inline void prefix##_andnot(value i, type* v) { prefix##_and(~i, v); }             \
  static __always_inline value prefix##_add_return(value i, type* v) {                               \
    return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                  \
  static __always_inline value prefix##_sub_return(value i, type* v) {                               \
    return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                  \
  static __always_inline value prefix##_inc_return(type* v) { return prefix##_add_return(1, v); }    \
  static __always_inline value prefix##_dec_return(type* v) { return prefix##_sub_return(1, v); }    \
  static __always_inline value prefix##_fetch_add(value i, type* v) {                                \
    return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                  \
  static __always_inline value prefix##_fetch_sub(value i, type* v) {                                \
    return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                  \
  static __always_inline value prefix##_fetch_inc(type* v) { return prefix##_fetch_add(1, v); }      \
  static __always_inline value prefix##_fetch_dec(type* v) { return prefix##_fetch_sub(1, v); }      \
  static __always_inline value prefix##_fetch_and(value i, type* v) {                                \
    return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                  \
  static __always_inline value prefix##_fetch_or(value i, type* v) {                                 \
    return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);                                      \
  }                                                                                                  \
  static __always_inline value prefix##_xchg(type* v, value i) { return xchg(&v->counter, i); }      \
  static __always_inline value prefix##_cmpxchg(type* v, value old, value i) {                       \
    return cmpxchg(&v->counter, old, i);                                                             \
  }                                                                                                  \
  static __always_inline bool prefix##_try_cmpxchg(type* v, value* old, value i) {                   \
    return try_cmpxchg(&v->counter, old, i);                                                         \
  }                                                                                                  \
  static __always_inline bool prefix##_sub_and_test(value i, type* v) {                              \
    return prefix##_sub_return(i, v) == 0;                                                           \
  }                                                                                                  \
  static __always_inline bool prefix##_dec_and_test(type* v) { return prefix##_dec_return(v) == 0; } \
  static __always_inline bool prefix##_inc_and_test(type* v) { return prefix##_inc_return(v) == 0; } \
  static __always_inline bool prefix##_add_negative(value i, type* v) {                              \
    return prefix##_add_return(i, v) < 0;                                                            \
  }                                                                                                  \
  static inline value prefix##_fetch_add_unless(type* v, value a, value u) {                         \
    value c = prefix##_read(v);                                                                      \
    while (c != u && !prefix##_try_cmpxchg(v, &c, c + a)) {                                          \
    }                                                                                                \
    return c;                                                                                        \
  }                                                                                                  \
  static inline bool prefix##_add_unless(type* v, value a, value u) {                                \
    return prefix##_fetch_add_unless(v, a, u) != u;                                                  \
  }                                                                                                  \
  static inline bool prefix##_inc_not_zero(type* v) { return prefix##_add_unless(v, 1, 0); }         \
  static inline value prefix##_dec_if_positive(type* v) {                                            \
    value c = prefix##_read(v);                                                                      \
    while (c > 0 && !prefix##_try_cmpxchg(v, &c, c - 1)) {                                           \
    }                                                                                                \
    return c - 1;                                                                                    \
  }

/* The rest, and the operations with a word on their order: each has the strongest. */
#define __ATOMIC_ORDERS(prefix, type, value, op)                                                         \
  static __always_inline value prefix##_##op##_relaxed(value i, type* v) { return prefix##_##op(i, v); } \
  static __always_inline value prefix##_##op##_acquire(value i, type* v) { return prefix##_##op(i, v); } \
  static __always_inline value prefix##_##op##_release(value i, type* v) { return prefix##_##op(i, v); }
#define __ATOMIC_ORDERS_OF_ONE(prefix, type, value, op)                                      \
  static __always_inline value prefix##_##op##_relaxed(type* v) { return prefix##_##op(v); } \
  static __always_inline value prefix##_##op##_acquire(type* v) { return prefix##_##op(v); } \
  static __always_inline value prefix##_##op##_release(type* v) { return prefix##_##op(v); }
#define __ATOMIC_ORDERS_OF_SWAPS(prefix, type, value, order)                                          \
  static __always_inline value prefix##_xchg##order(type* v, value i) { return prefix##_xchg(v, i); } \
  static __always_inline value prefix##_cmpxchg##order(type* v, value old, value i) {                 \
    return prefix##_cmpxchg(v, old, i);                                                               \
  }                                                                                                   \
  static __always_inline bool prefix##_try_cmpxchg##order(type* v, value* old, value i) {             \
    return prefix##_try_cmpxchg(v, old, i);                                                           \
  }
#define __ATOMIC_MORE(prefix, type, value)                               \
  static __always_inline value prefix##_fetch_xor(value i, type* v) {    \
    return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);         \
  }                                                                      \
  static __always_inline value prefix##_fetch_andnot(value i, type* v) { \
    return __atomic_fetch_and(&v->counter, ~i, __ATOMIC_SEQ_CST);        \
  }                                                                      \
  static inline bool prefix##_inc_unless_negative(type* v) {             \
    value c = prefix##_read(v);                                          \
    while (c >= 0)                                                       \
      if (prefix##_try_cmpxchg(v, &c, c + 1)) return true;               \
    return false;                                                        \
  }                                                                      \
  static inline bool prefix##_dec_unless_positive(type* v) {             \
    value c = prefix##_read(v);                                          \
    while (c <= 0)                                                       \
      if (prefix##_try_cmpxchg(v, &c, c - 1)) return true;               \
    return false;                                                        \
  }                                                                      \
  __ATOMIC_ORDERS(prefix, type, value, add_return)                       \
  __ATOMIC_ORDERS(prefix, type, value, sub_return)                       \
  __ATOMIC_ORDERS(prefix, type, value, fetch_add)                        \
  __ATOMIC_ORDERS(prefix, type, value, fetch_sub)                        \
  __ATOMIC_ORDERS(prefix, type, value, fetch_and)                        \
  __ATOMIC_ORDERS(prefix, type, value, fetch_or)                         \
  __ATOMIC_ORDERS(prefix, type, value, fetch_xor)                        \
  __ATOMIC_ORDERS(prefix, type, value, fetch_andnot)                     \
  __ATOMIC_ORDERS_OF_ONE(prefix, type, value, inc_return)                \
  __ATOMIC_ORDERS_OF_ONE(prefix, type, value, dec_return)                \
  __ATOMIC_ORDERS_OF_ONE(prefix, type, value, fetch_inc)                 \
  __ATOMIC_ORDERS_OF_ONE(prefix, type, value, fetch_dec)                 \
  __ATOMIC_ORDERS_OF_SWAPS(prefix, type, value, _relaxed)                \
  __ATOMIC_ORDERS_OF_SWAPS(prefix, type, value, _acquire)                \
  __ATOMIC_ORDERS_OF_SWAPS(prefix, type, value, _release)

typedef atomic64_t atomic_long_t;
#define ATOMIC_LONG_INIT(i) ATOMIC64_INIT(i)
__ATOMIC_OPS(atomic, atomic_t, int)
__ATOMIC_OPS(atomic64, atomic64_t, s64)
__ATOMIC_OPS(atomic_long, atomic_long_t, long)
__ATOMIC_MORE(atomic, atomic_t, int)
__ATOMIC_MORE(atomic64, atomic64_t, s64)
__ATOMIC_MORE(atomic_long, atomic_long_t, long)
#define atomic_set_mask(mask, v) atomic_or(mask, v)
#define atomic_clear_mask(mask, v) atomic_andnot(mask, v)
#define atomic_cond_read_acquire(v, c) smp_cond_load_acquire(&(v)->counter, c)

#endif
