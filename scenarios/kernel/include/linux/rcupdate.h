/* RCU: readers between lock and unlock, writers that wait for them. */
#ifndef TRAPLINE_LINUX_RCUPDATE_H
#define TRAPLINE_LINUX_RCUPDATE_H

#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/types.h>
void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
void call_rcu(struct rcu_head* head, rcu_callback_t func);
void rcu_barrier(void);
/* Frees p with kfree() after a grace period; it may sleep. */
void __kfree_rcu(void* p);
#define rcu_read_lock_bh() \
  do {                     \
    local_bh_disable();    \
    rcu_read_lock();       \
  } while (0)
#define rcu_read_unlock_bh() \
  do {                       \
    rcu_read_unlock();       \
    local_bh_enable();       \
  } while (0)
#define rcu_read_lock_sched() preempt_disable()
#define rcu_read_unlock_sched() preempt_enable()
#define rcu_read_lock_held() 1
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, c) READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_dereference_sched(p) READ_ONCE(p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), (typeof(p))(v), __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v) \
  do {                         \
    (p) = (v);                 \
  } while (0)
#define RCU_INITIALIZER(v) (v)
#define rcu_replace_pointer(p, v, c) \
  ({                                 \
    typeof(p) __old_p = (p);         \
    rcu_assign_pointer(p, v);        \
    __old_p;                         \
  })
/* kfree_rcu(p, member) never sleeps: a callback that is a small number is the offset of the head in what is
 * freed. */
#define __kfree_rcu_1(p) __kfree_rcu((void*)(p))
#define __kfree_rcu_2(p, member)                                                                   \
  do {                                                                                             \
    typeof(p) __kp = (p);                                                                          \
    if (__kp) call_rcu(&__kp->member, (rcu_callback_t) __builtin_offsetof(typeof(*__kp), member)); \
  } while (0)
#define __kfree_rcu_pick(a, b, name, ...) name
#define kfree_rcu(...) __kfree_rcu_pick(__VA_ARGS__, __kfree_rcu_2, __kfree_rcu_1, )(__VA_ARGS__)
#define kvfree_rcu(...) kfree_rcu(__VA_ARGS__)
#define kfree_rcu_mightsleep(p) __kfree_rcu_1(p)
#define synchronize_sched() synchronize_rcu()
#define synchronize_rcu_expedited() synchronize_rcu()
#define synchronize_net() synchronize_rcu()
#define call_rcu_hurry(head, func) call_rcu(head, func)
#define init_rcu_head(head) \
  do {                      \
    (void)(head);           \
  } while (0)

#endif
