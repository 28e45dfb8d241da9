// Semaphores (kernel/locking/semaphore.c); up() may be called in interrupts.
#include <linux/sched.h>
#include <linux/semaphore.h>

#include "gates.h"

struct semaphore_waiter {
  struct list_head list;
  struct task_struct* task;
  bool up;
};

static int down_common(struct semaphore* s, unsigned int state, long timeout) {
  struct semaphore_waiter waiter = {.task = current, .up = false};
  unsigned long flags;
  int err = 0;

  raw_spin_lock_irqsave(&s->lock, flags);
  if (s->count > 0) {
    s->count--;
    raw_spin_unlock_irqrestore(&s->lock, flags);
    return 0;
  }
  list_add_tail(&waiter.list, &s->wait_list);
  for (;;) {
    if (signal_pending_state(state, current))
      err = -EINTR;
    else if (timeout <= 0)
      err = -ETIME;
    if (err) {
      list_del(&waiter.list);
      break;
    }
    set_current_state(state);
    raw_spin_unlock_irqrestore(&s->lock, flags);
    timeout = schedule_timeout(timeout);
    raw_spin_lock_irqsave(&s->lock, flags);
    if (waiter.up) break;
  }
  raw_spin_unlock_irqrestore(&s->lock, flags);
  return err;
}

void down(struct semaphore* s) { down_common(s, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT); }
int down_interruptible(struct semaphore* s) {
  return down_common(s, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}
int down_killable(struct semaphore* s) { return down_common(s, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT); }
int down_timeout(struct semaphore* s, long timeout) { return down_common(s, TASK_UNINTERRUPTIBLE, timeout); }

int down_trylock(struct semaphore* s) {
  unsigned long flags;
  bool taken;

  raw_spin_lock_irqsave(&s->lock, flags);
  taken = s->count > 0;
  if (taken) s->count--;
  raw_spin_unlock_irqrestore(&s->lock, flags);
  return !taken;
}

void up(struct semaphore* s) {
  unsigned long flags;

  raw_spin_lock_irqsave(&s->lock, flags);
  if (list_empty(&s->wait_list)) {
    s->count++;
  } else {
    struct semaphore_waiter* first = list_first_entry(&s->wait_list, struct semaphore_waiter, list);

    list_del(&first->list);
    first->up = true;
    wake_up_process(first->task);
  }
  raw_spin_unlock_irqrestore(&s->lock, flags);
}
