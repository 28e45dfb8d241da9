/* xchg() and cmpxchg(). */
#ifndef TRAPLINE_ASM_CMPXCHG_H
#define TRAPLINE_ASM_CMPXCHG_H

#include <linux/compiler.h>
#define xchg(p, value) __atomic_exchange_n(p, (typeof(*(p)))(value), __ATOMIC_SEQ_CST)
#define xchg_relaxed(p, value) xchg(p, value)
#define xchg_acquire(p, value) xchg(p, value)
#define xchg_release(p, value) xchg(p, value)
#define cmpxchg(p, old, new)                                                                               \
  ({                                                                                                       \
    typeof(*(p)) __cx = (typeof(*(p)))(old);                                                               \
    __atomic_compare_exchange_n(p, &__cx, (typeof(*(p)))(new), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    __cx;                                                                                                  \
  })
#define cmpxchg_relaxed(p, old, new) cmpxchg(p, old, new)
#define cmpxchg_acquire(p, old, new) cmpxchg(p, old, new)
#define cmpxchg_release(p, old, new) cmpxchg(p, old, new)
#define cmpxchg_local(p, old, new) cmpxchg(p, old, new)
#define cmpxchg64(p, old, new) cmpxchg(p, old, new)
#define try_cmpxchg(p, oldp, new) \
  __atomic_compare_exchange_n(p, oldp, (typeof(*(p)))(new), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#endif
