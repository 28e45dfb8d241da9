// Reader-writer semaphores (kernel/locking/rwsem.c). Whoever comes while others wait, waits behind them.
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "gates.h"

struct rwsem_waiter {
  struct list_head list;
  struct task_struct* task;
  bool writes;
  bool has_it;
};

static bool rwsem_take(struct rw_semaphore* s, bool writes) {
  if (writes ? s->count != 0 : s->count < 0) return false;
  s->count = writes ? -1 : s->count + 1;
  return true;
}

static bool down_trylock_common(struct rw_semaphore* s, bool writes) {
  unsigned long flags;
  bool taken;

  raw_spin_lock_irqsave(&s->wait_lock, flags);
  taken = list_empty(&s->wait_list) && rwsem_take(s, writes);
  if (taken && writes) s->owner = (unsigned long)current;
  raw_spin_unlock_irqrestore(&s->wait_lock, flags);
  return taken;
}

// Gives it to the first writer that waits, or to all readers before the next one.
static void rwsem_wake(struct rw_semaphore* s) {
  while (!list_empty(&s->wait_list)) {
    struct rwsem_waiter* first = list_first_entry(&s->wait_list, struct rwsem_waiter, list);

    if (!rwsem_take(s, first->writes)) break;
    if (first->writes) s->owner = (unsigned long)first->task;
    list_del(&first->list);
    first->has_it = true;
    wake_up_process(first->task);
  }
}

static noinline int rwsem_down_slowpath(struct rw_semaphore* s, bool writes, unsigned int state) {
  struct rwsem_waiter waiter = {.task = current, .writes = writes, .has_it = false};
  unsigned long flags;
  int err = 0;

  raw_spin_lock_irqsave(&s->wait_lock, flags);
  if (list_empty(&s->wait_list) && rwsem_take(s, writes)) {
    waiter.has_it = true;
    if (writes) s->owner = (unsigned long)current;
  } else {
    list_add_tail(&waiter.list, &s->wait_list);
  }
  while (!waiter.has_it) {
    if (signal_pending_state(state, current)) {
      // Those behind it may have waited for it alone.
      list_del(&waiter.list);
      rwsem_wake(s);
      err = -EINTR;
      break;
    }
    set_current_state(state);
    raw_spin_unlock_irqrestore(&s->wait_lock, flags);
    schedule();
    raw_spin_lock_irqsave(&s->wait_lock, flags);
  }
  raw_spin_unlock_irqrestore(&s->wait_lock, flags);
  return err;
}

static int down_in_state(struct rw_semaphore* s, bool writes, unsigned int state) {
  return down_trylock_common(s, writes) ? 0 : rwsem_down_slowpath(s, writes, state);
}

void down_read(struct rw_semaphore* s) { down_in_state(s, false, TASK_UNINTERRUPTIBLE); }
int down_read_killable(struct rw_semaphore* s) { return down_in_state(s, false, TASK_KILLABLE); }
int down_read_trylock(struct rw_semaphore* s) { return down_trylock_common(s, false); }
void down_write(struct rw_semaphore* s) { down_in_state(s, true, TASK_UNINTERRUPTIBLE); }
int down_write_killable(struct rw_semaphore* s) { return down_in_state(s, true, TASK_KILLABLE); }
int down_write_trylock(struct rw_semaphore* s) { return down_trylock_common(s, true); }

void up_read(struct rw_semaphore* s) {
  unsigned long flags;

  raw_spin_lock_irqsave(&s->wait_lock, flags);
  s->count--;
  rwsem_wake(s);
  raw_spin_unlock_irqrestore(&s->wait_lock, flags);
}

void up_write(struct rw_semaphore* s) {
  unsigned long flags;

  raw_spin_lock_irqsave(&s->wait_lock, flags);
  s->count = 0;
  s->owner = 0;
  rwsem_wake(s);
  raw_spin_unlock_irqrestore(&s->wait_lock, flags);
}

void downgrade_write(struct rw_semaphore* s) {
  unsigned long flags;

  raw_spin_lock_irqsave(&s->wait_lock, flags);
  s->count = 1;
  s->owner = 0;
  rwsem_wake(s);
  raw_spin_unlock_irqrestore(&s->wait_lock, flags);
}
