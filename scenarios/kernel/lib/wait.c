// Wait queues (kernel/sched/wait.c).
#include <linux/sched.h>
#include <linux/wait.h>

#include "gates.h"
#include "internal.h"

static void __wake_up_common(wait_queue_head_t* wq, unsigned int mode, int nr, void* key) {
  wait_queue_entry_t *entry, *next;

  list_for_each_entry_safe(entry, next, &wq->head, entry) {
    // Once its function has been called, the entry may be gone.
    unsigned int flags = entry->flags;
    int woken = entry->func(entry, mode, 0, key);

    if (woken < 0) break;
    if (woken && (flags & WQ_FLAG_EXCLUSIVE) && --nr == 0) break;
  }
}

void __wake_up(wait_queue_head_t* wq, unsigned int mode, int nr, void* key) {
  unsigned long flags;

  spin_lock_irqsave(&wq->lock, flags);
  __wake_up_common(wq, mode, nr, key);
  spin_unlock_irqrestore(&wq->lock, flags);
}

void __wake_up_locked(wait_queue_head_t* wq, unsigned int mode, int nr) {
  __wake_up_common(wq, mode, nr, NULL);
}

int default_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key) {
  smp_mb();
  return wake_up_state(entry->private, mode);
}

int autoremove_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key) {
  int woken = default_wake_function(entry, mode, flags, key);

  if (woken) list_del_init(&entry->entry);
  return woken;
}

void add_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry) {
  unsigned long flags;

  entry->flags &= ~WQ_FLAG_EXCLUSIVE;
  spin_lock_irqsave(&wq->lock, flags);
  list_add(&entry->entry, &wq->head);
  spin_unlock_irqrestore(&wq->lock, flags);
}

void add_wait_queue_exclusive(wait_queue_head_t* wq, wait_queue_entry_t* entry) {
  unsigned long flags;

  entry->flags |= WQ_FLAG_EXCLUSIVE;
  spin_lock_irqsave(&wq->lock, flags);
  list_add_tail(&entry->entry, &wq->head);
  spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry) {
  unsigned long flags;

  spin_lock_irqsave(&wq->lock, flags);
  list_del(&entry->entry);
  spin_unlock_irqrestore(&wq->lock, flags);
}

void prepare_to_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state) {
  unsigned long flags;

  entry->flags &= ~WQ_FLAG_EXCLUSIVE;
  spin_lock_irqsave(&wq->lock, flags);
  if (list_empty(&entry->entry)) list_add(&entry->entry, &wq->head);
  set_current_state((unsigned int)state);
  spin_unlock_irqrestore(&wq->lock, flags);
}

bool prepare_to_wait_exclusive(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state) {
  unsigned long flags;
  bool first = false;

  entry->flags |= WQ_FLAG_EXCLUSIVE;
  spin_lock_irqsave(&wq->lock, flags);
  if (list_empty(&entry->entry)) {
    first = list_empty(&wq->head);
    list_add_tail(&entry->entry, &wq->head);
  }
  set_current_state((unsigned int)state);
  spin_unlock_irqrestore(&wq->lock, flags);
  return first;
}

void init_wait_entry(wait_queue_entry_t* entry, int flags) {
  entry->flags = (unsigned int)flags;
  entry->private = current;
  entry->func = autoremove_wake_function;
  INIT_LIST_HEAD(&entry->entry);
}

long prepare_to_wait_event(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state) {
  unsigned long flags;
  long err = 0;

  spin_lock_irqsave(&wq->lock, flags);
  if (signal_pending_state(state, current)) {
    // An exclusive waiter that gives up must not be the one that a later wake-up goes to. One that came
    // before is not lost either: the caller tests its condition once more.
    list_del_init(&entry->entry);
    err = -ERESTARTSYS;
  } else {
    if (list_empty(&entry->entry)) {
      if (entry->flags & WQ_FLAG_EXCLUSIVE)
        list_add_tail(&entry->entry, &wq->head);
      else
        list_add(&entry->entry, &wq->head);
    }
    set_current_state((unsigned int)state);
  }
  spin_unlock_irqrestore(&wq->lock, flags);
  return err;
}

void finish_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry) {
  unsigned long flags;

  __set_current_state(TASK_RUNNING);
  // Both pointers: who removes an entry has then done its last access to it.
  if (list_empty_careful(&entry->entry)) return;
  spin_lock_irqsave(&wq->lock, flags);
  list_del_init(&entry->entry);
  spin_unlock_irqrestore(&wq->lock, flags);
}

int woken_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key) {
  smp_mb();
  WRITE_ONCE(entry->flags, entry->flags | WQ_FLAG_WOKEN);
  return default_wake_function(entry, mode, flags, key);
}

long wait_woken(wait_queue_entry_t* entry, unsigned mode, long timeout) {
  set_current_state(mode);
  if (!(READ_ONCE(entry->flags) & WQ_FLAG_WOKEN) && !kthread_should_stop_or_park())
    timeout = schedule_timeout(timeout);
  __set_current_state(TASK_RUNNING);
  WRITE_ONCE(entry->flags, entry->flags & ~WQ_FLAG_WOKEN);
  smp_mb();
  return timeout;
}
