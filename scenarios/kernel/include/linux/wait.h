/* Wait queues. */
#ifndef TRAPLINE_LINUX_WAIT_H
#define TRAPLINE_LINUX_WAIT_H

/*
 * A queue is a list of entries under its lock. A waiter puts its entry there, sets its task's state, tests
 * its condition, and sleeps in schedule(); __wake_up() calls the entries' functions, which set tasks running.
 * Entries that are exclusive are the last ones, and only so many of them are woken as are asked for.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct task_struct;
struct wait_queue_head {
  spinlock_t lock;
  struct list_head head;
};
typedef struct wait_queue_head wait_queue_head_t;
struct wait_queue_entry;
typedef int (*wait_queue_func_t)(struct wait_queue_entry* wq_entry, unsigned mode, int flags, void* key);
struct wait_queue_entry {
  unsigned int flags;
  void* private;
  wait_queue_func_t func;
  struct list_head entry;
};
typedef struct wait_queue_entry wait_queue_entry_t;
typedef struct wait_queue_entry wait_queue_t;
#define WQ_FLAG_EXCLUSIVE 0x01
#define WQ_FLAG_WOKEN 0x02

#define __wait_interruptible 1 /* TASK_INTERRUPTIBLE */
#define __wait_uninterruptible 2
#define __wait_killable 0x102 /* TASK_KILLABLE */
/* Wakes tasks in the states of mode: all that are not exclusive, and nr (0: all) that are; key goes to
 * entries' functions. The other one is for a caller that holds the queue's lock. */
void __wake_up(wait_queue_head_t* wq, unsigned int mode, int nr, void* key);
void __wake_up_locked(wait_queue_head_t* wq, unsigned int mode, int nr);
/* Joins the queue (if it is not there) and sets the task's state; schedule() then sleeps until a wake-up. */
void prepare_to_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state);
bool prepare_to_wait_exclusive(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state);
/* The same, or -ERESTARTSYS and no part of the queue where a signal is pending that ends the wait. */
long prepare_to_wait_event(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state);
void init_wait_entry(wait_queue_entry_t* entry, int flags);
void finish_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry);
void add_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry);
void add_wait_queue_exclusive(wait_queue_head_t* wq, wait_queue_entry_t* entry);
void remove_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry);
int default_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key);
int autoremove_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key);
int woken_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key);
long wait_woken(wait_queue_entry_t* entry, unsigned mode, long timeout);
struct task_struct* get_current(void);
signed long schedule_timeout(signed long timeout);

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
  { .lock = SPIN_LOCK_UNLOCKED, .head = LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
static inline void init_waitqueue_head(wait_queue_head_t* wq) {
  spin_lock_init(&wq->lock);
  INIT_LIST_HEAD(&wq->head);
}
#define DEFINE_WAIT_FUNC(name, function) \
  struct wait_queue_entry name = {       \
      .flags = 0, .private = get_current(), .func = function, .entry = LIST_HEAD_INIT((name).entry)}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)
#define DECLARE_WAITQUEUE(name, task) \
  struct wait_queue_entry name = {    \
      .flags = 0, .private = (task), .func = default_wake_function, .entry = LIST_HEAD_INIT((name).entry)}
#define init_wait(w)                      \
  do {                                    \
    (w)->private = get_current();         \
    (w)->func = autoremove_wake_function; \
    INIT_LIST_HEAD(&(w)->entry);          \
    (w)->flags = 0;                       \
  } while (0)
static inline void init_waitqueue_entry(wait_queue_entry_t* entry, struct task_struct* p) {
  entry->flags = 0;
  entry->private = p;
  entry->func = default_wake_function;
}
static inline void init_waitqueue_func_entry(wait_queue_entry_t* entry, wait_queue_func_t func) {
  entry->flags = 0;
  entry->private = NULL;
  entry->func = func;
}
static inline int waitqueue_active(wait_queue_head_t* wq) { return !list_empty(&wq->head); }
static inline bool wq_has_sleeper(wait_queue_head_t* wq) {
  smp_mb();
  return waitqueue_active(wq);
}
#define wake_up(wq) __wake_up(wq, 3, 1, NULL)
#define wake_up_nr(wq, nr) __wake_up(wq, 3, nr, NULL)
#define wake_up_all(wq) __wake_up(wq, 3, 0, NULL)
#define wake_up_locked(wq) __wake_up_locked(wq, 3, 1)
#define wake_up_all_locked(wq) __wake_up_locked(wq, 3, 0)
#define wake_up_sync(wq) wake_up(wq)
#define wake_up_interruptible(wq) __wake_up(wq, 1, 1, NULL)
#define wake_up_interruptible_nr(wq, nr) __wake_up(wq, 1, nr, NULL)
#define wake_up_interruptible_all(wq) __wake_up(wq, 1, 0, NULL)
#define wake_up_interruptible_sync(wq) wake_up_interruptible(wq)
#define wake_up_poll(wq, mask) __wake_up(wq, 3, 1, (void*)(unsigned long)(mask))
#define wake_up_interruptible_poll(wq, mask) __wake_up(wq, 1, 1, (void*)(unsigned long)(mask))

/* Gives the jiffies left (at least 1 if the condition holds), 0 at the end of time, or an error. */
#define ___wait_event(wq, condition, wait_state, wait_flags, timeout, before, after) \
  ({                                                                                 \
    long __left = (timeout);                                                         \
    if (condition) {                                                                 \
      if (!__left) __left = 1;                                                       \
    } else {                                                                         \
      struct wait_queue_entry __wait;                                                \
      init_wait_entry(&__wait, wait_flags);                                          \
      for (;;) {                                                                     \
        long __stop = prepare_to_wait_event(&(wq), &__wait, wait_state);             \
        if (condition) {                                                             \
          if (!__left) __left = 1;                                                   \
          break;                                                                     \
        }                                                                            \
        if (!__left) break;                                                          \
        if (__stop) {                                                                \
          __left = __stop;                                                           \
          break;                                                                     \
        }                                                                            \
        before;                                                                      \
        __left = schedule_timeout(__left);                                           \
        after;                                                                       \
      }                                                                              \
      finish_wait(&(wq), &__wait);                                                   \
    }                                                                                \
    __left;                                                                          \
  })
#define __wait_forever ((long)(~0UL >> 1)) /* MAX_SCHEDULE_TIMEOUT */
#define __wait_result(left)           \
  ({                                  \
    long __result = (left);           \
    __result < 0 ? (int)__result : 0; \
  })
#define wait_event(wq, condition)                                                                    \
  do {                                                                                               \
    (void)___wait_event(wq, condition, __wait_uninterruptible, 0, __wait_forever, (void)0, (void)0); \
  } while (0)
#define wait_event_interruptible(wq, condition) \
  __wait_result(___wait_event(wq, condition, __wait_interruptible, 0, __wait_forever, (void)0, (void)0))
#define wait_event_timeout(wq, condition, timeout) \
  ___wait_event(wq, condition, __wait_uninterruptible, 0, timeout, (void)0, (void)0)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
  ___wait_event(wq, condition, __wait_interruptible, 0, timeout, (void)0, (void)0)
#define wait_event_killable(wq, condition) \
  __wait_result(___wait_event(wq, condition, __wait_killable, 0, __wait_forever, (void)0, (void)0))
#define wait_event_killable_timeout(wq, condition, timeout) \
  ___wait_event(wq, condition, __wait_killable, 0, timeout, (void)0, (void)0)
#define wait_event_freezable(wq, condition) wait_event_interruptible(wq, condition)
#define wait_event_freezable_timeout(wq, c, timeout) wait_event_interruptible_timeout(wq, c, timeout)
#define wait_event_idle(wq, condition) wait_event(wq, condition)
#define wait_event_idle_timeout(wq, condition, timeout) wait_event_timeout(wq, condition, timeout)
#define wait_event_interruptible_exclusive(wq, condition)                                             \
  __wait_result(___wait_event(wq, condition, __wait_interruptible, WQ_FLAG_EXCLUSIVE, __wait_forever, \
                              (void)0, (void)0))
#define wait_event_killable_exclusive(wq, condition) \
  __wait_result(                                     \
      ___wait_event(wq, condition, __wait_killable, WQ_FLAG_EXCLUSIVE, __wait_forever, (void)0, (void)0))
#define wait_event_lock_irq(wq, condition, lock)                                                            \
  do {                                                                                                      \
    (void)___wait_event(wq, condition, __wait_uninterruptible, 0, __wait_forever, spin_unlock_irq(&(lock)), \
                        spin_lock_irq(&(lock)));                                                            \
  } while (0)
#define wait_event_interruptible_lock_irq(wq, condition, lock)                        \
  __wait_result(___wait_event(wq, condition, __wait_interruptible, 0, __wait_forever, \
                              spin_unlock_irq(&(lock)), spin_lock_irq(&(lock))))

#endif
