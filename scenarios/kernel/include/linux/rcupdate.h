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
/* Frees p with kfree() after a grace period. */
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
#define kfree_rcu(p, ...) __kfree_rcu((void*)(p))
#define kvfree_rcu(p, ...) __kfree_rcu((void*)(p))
#define synchronize_sched() synchronize_rcu()
#define synchronize_rcu_expedited() synchronize_rcu()
#define synchronize_net() synchronize_rcu()
#define call_rcu_hurry(head, func) call_rcu(head, func)
#define init_rcu_head(head) \
  do {                      \
    (void)(head);           \
  } while (0)

#endif
