// Mutexes (kernel/locking/mutex.c). Who unlocks one that others wait for gives it to the first of them.
#include <linux/mutex.h>
#include <linux/sched.h>

#include "gates.h"

#define MUTEX_WAITERS 1UL

struct mutex_waiter {
  struct list_head list;
  struct task_struct* task;
  bool owns;
};

int mutex_trylock(struct mutex* m) {
  unsigned long nobody = 0;

  return __atomic_compare_exchange_n(&m->owner, &nobody, (unsigned long)current, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED);
}

// Takes it, or marks it so that its owner looks for who waits. Under wait_lock.
static bool take_or_mark(struct mutex* m) {
  unsigned long owner = READ_ONCE(m->owner);

  for (;;) {
    unsigned long wanted = owner ? owner | MUTEX_WAITERS : (unsigned long)current;

    if (__atomic_compare_exchange_n(&m->owner, &owner, wanted, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return !owner;
  }
}

static noinline int __mutex_lock(struct mutex* m, unsigned int state) {
  struct mutex_waiter waiter = {.task = current, .owns = false};
  int err = 0;

  raw_spin_lock(&m->wait_lock);
  if (take_or_mark(m)) {
    raw_spin_unlock(&m->wait_lock);
    return 0;
  }
  list_add_tail(&waiter.list, &m->wait_list);
  for (;;) {
    set_current_state(state);
    if (waiter.owns) break;
    if (signal_pending_state(state, current)) {
      list_del(&waiter.list);
      if (list_empty(&m->wait_list)) __atomic_fetch_and(&m->owner, ~MUTEX_WAITERS, __ATOMIC_RELAXED);
      err = -EINTR;
      break;
    }
    raw_spin_unlock(&m->wait_lock);
    schedule();
    raw_spin_lock(&m->wait_lock);
  }
  __set_current_state(TASK_RUNNING);
  raw_spin_unlock(&m->wait_lock);
  return err;
}

void mutex_lock(struct mutex* m) {
  if (!mutex_trylock(m)) __mutex_lock(m, TASK_UNINTERRUPTIBLE);
}

int mutex_lock_interruptible(struct mutex* m) {
  return mutex_trylock(m) ? 0 : __mutex_lock(m, TASK_INTERRUPTIBLE);
}

int mutex_lock_killable(struct mutex* m) { return mutex_trylock(m) ? 0 : __mutex_lock(m, TASK_KILLABLE); }

static noinline void __mutex_unlock_slowpath(struct mutex* m) {
  raw_spin_lock(&m->wait_lock);
  if (list_empty(&m->wait_list)) {
    __atomic_store_n(&m->owner, 0, __ATOMIC_RELEASE);
  } else {
    struct mutex_waiter* first = list_first_entry(&m->wait_list, struct mutex_waiter, list);
    unsigned long owner = (unsigned long)first->task;

    list_del(&first->list);
    if (!list_empty(&m->wait_list)) owner |= MUTEX_WAITERS;
    __atomic_store_n(&m->owner, owner, __ATOMIC_RELEASE);
    first->owns = true;
    wake_up_process(first->task);
  }
  raw_spin_unlock(&m->wait_lock);
}

void mutex_unlock(struct mutex* m) {
  unsigned long owner = (unsigned long)current;

  if (!__atomic_compare_exchange_n(&m->owner, &owner, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
    __mutex_unlock_slowpath(m);
}
