/* local_t and local64_t: counters of one CPU. */
#ifndef TRAPLINE_ASM_LOCAL_H
#define TRAPLINE_ASM_LOCAL_H

#include <linux/atomic.h>
typedef struct {
  atomic64_t a;
} local64_t;
typedef local64_t local_t;
#define LOCAL64_INIT(i) \
  { ATOMIC64_INIT(i) }
#define LOCAL_INIT(i) \
  { ATOMIC64_INIT(i) }
#define local64_read(l) atomic64_read(&(l)->a)
#define local64_set(l, i) atomic64_set(&(l)->a, i)
#define local64_inc(l) atomic64_inc(&(l)->a)
#define local64_dec(l) atomic64_dec(&(l)->a)
#define local64_add(i, l) atomic64_add(i, &(l)->a)
#define local64_sub(i, l) atomic64_sub(i, &(l)->a)
#define local64_add_return(i, l) atomic64_add_return(i, &(l)->a)
#define local64_xchg(l, i) atomic64_xchg(&(l)->a, i)
#define local64_cmpxchg(l, o, i) atomic64_cmpxchg(&(l)->a, o, i)
#define local_read(l) ((long)local64_read(l))
#define local_set(l, i) local64_set(l, i)
#define local_inc(l) local64_inc(l)
#define local_dec(l) local64_dec(l)
#define local_add(i, l) local64_add(i, l)
#define local_sub(i, l) local64_sub(i, l)
#define local_inc_return(l) local64_add_return(1, l)

#endif
