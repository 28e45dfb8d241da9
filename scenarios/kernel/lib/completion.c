// Completions (kernel/sched/completion.c). Waiters are woken in the order in which they came.
#include <linux/completion.h>
#include <linux/limits.h>
#include <linux/sched.h>

void complete(struct completion* c) {
  unsigned long flags;

  spin_lock_irqsave(&c->wait.lock, flags);
  if (c->done != UINT_MAX) c->done++;
  wake_up_locked(&c->wait);
  spin_unlock_irqrestore(&c->wait.lock, flags);
}

void complete_all(struct completion* c) {
  unsigned long flags;

  spin_lock_irqsave(&c->wait.lock, flags);
  c->done = UINT_MAX;
  wake_up_all_locked(&c->wait);
  spin_unlock_irqrestore(&c->wait.lock, flags);
}

// What is left of the time (at least 1), 0 at its end, or -ERESTARTSYS.
static long wait_for_common(struct completion* c, long timeout, unsigned int state) {
  unsigned long flags;

  spin_lock_irqsave(&c->wait.lock, flags);
  if (!c->done) {
    wait_queue_entry_t entry;

    init_wait_entry(&entry, WQ_FLAG_EXCLUSIVE);
    do {
      if (signal_pending_state(state, current)) {
        timeout = -ERESTARTSYS;
        break;
      }
      if (list_empty(&entry.entry)) list_add_tail(&entry.entry, &c->wait.head);
      set_current_state(state);
      spin_unlock_irqrestore(&c->wait.lock, flags);
      timeout = schedule_timeout(timeout);
      spin_lock_irqsave(&c->wait.lock, flags);
    } while (!c->done && timeout);
    __set_current_state(TASK_RUNNING);
    list_del_init(&entry.entry);
  }
  if (c->done) {
    if (c->done != UINT_MAX) c->done--;
    if (timeout <= 0) timeout = 1;
  }
  spin_unlock_irqrestore(&c->wait.lock, flags);
  return timeout;
}

void wait_for_completion(struct completion* c) {
  wait_for_common(c, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

static int wait_in_state(struct completion* c, unsigned int state) {
  long left = wait_for_common(c, MAX_SCHEDULE_TIMEOUT, state);

  return left == -ERESTARTSYS ? (int)left : 0;
}

int wait_for_completion_interruptible(struct completion* c) { return wait_in_state(c, TASK_INTERRUPTIBLE); }
int wait_for_completion_killable(struct completion* c) { return wait_in_state(c, TASK_KILLABLE); }

unsigned long wait_for_completion_timeout(struct completion* c, unsigned long timeout) {
  return (unsigned long)wait_for_common(c, (long)timeout, TASK_UNINTERRUPTIBLE);
}

long wait_for_completion_interruptible_timeout(struct completion* c, unsigned long timeout) {
  return wait_for_common(c, (long)timeout, TASK_INTERRUPTIBLE);
}

long wait_for_completion_killable_timeout(struct completion* c, unsigned long timeout) {
  return wait_for_common(c, (long)timeout, TASK_KILLABLE);
}

bool try_wait_for_completion(struct completion* c) {
  unsigned long flags;
  bool done;

  if (!READ_ONCE(c->done)) return false;
  spin_lock_irqsave(&c->wait.lock, flags);
  done = c->done != 0;
  if (done && c->done != UINT_MAX) c->done--;
  spin_unlock_irqrestore(&c->wait.lock, flags);
  return done;
}

bool completion_done(struct completion* c) {
  unsigned long flags;

  if (!READ_ONCE(c->done)) return false;
  // complete() is over when the lock is had: the caller may free what it is in.
  spin_lock_irqsave(&c->wait.lock, flags);
  spin_unlock_irqrestore(&c->wait.lock, flags);
  return true;
}
