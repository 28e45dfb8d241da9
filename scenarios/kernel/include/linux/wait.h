/* Wait queues. */
#ifndef TRAPLINE_LINUX_WAIT_H
#define TRAPLINE_LINUX_WAIT_H

/*
 * A waiter reads the queue's seq, tests its condition, and if it does not hold calls __wait_on()
 * with that seq. __wait_on() returns at once when seq has changed since (a wake-up came between),
 * else puts the task to sleep until __wake_up() of the queue (which first adds 1 to seq),
 * wake_up_process() of the task, a signal if interruptible, or the end of the timeout in jiffies.
 * It returns the jiffies that are left (MAX_SCHEDULE_TIMEOUT stays so, 0 is the end), or
 * -ERESTARTSYS for a signal when interruptible. A return without cause does no harm: the waiter
 * tests its condition again.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct task_struct;
struct wait_queue_head {
  spinlock_t lock;
  struct list_head head; /* for wait_queue_entry, kept by add_wait_queue() and the like */
  unsigned int seq;
  unsigned int sleepers; /* for the emulator */
};
typedef struct wait_queue_head wait_queue_head_t;
_Static_assert(sizeof(wait_queue_head_t) == 32 && offsetof(wait_queue_head_t, seq) == 24,
               "the emulator keeps it");
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

#define __wait_interruptible 1
#define __wait_uninterruptible 2
long __wait_on(wait_queue_head_t* wq, unsigned int seq, int state, long timeout);
/* Wakes nr sleepers (0: all) in the states of mode; key goes to entries' functions. */
void __wake_up(wait_queue_head_t* wq, unsigned int mode, int nr, void* key);
/* The old way: joins the queue and sets the task's state; schedule() then sleeps until a wake-up. */
void prepare_to_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry, int state);
void finish_wait(wait_queue_head_t* wq, wait_queue_entry_t* entry);
void add_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry);
void remove_wait_queue(wait_queue_head_t* wq, wait_queue_entry_t* entry);
int default_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key);
int autoremove_wake_function(wait_queue_entry_t* entry, unsigned mode, int flags, void* key);
struct task_struct* get_current(void);

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
  { .lock = SPIN_LOCK_UNLOCKED, .head = LIST_HEAD_INIT((name).head), .seq = 0, .sleepers = 0 }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
static inline void init_waitqueue_head(wait_queue_head_t* wq) {
  spin_lock_init(&wq->lock);
  INIT_LIST_HEAD(&wq->head);
  wq->seq = wq->sleepers = 0;
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
#define prepare_to_wait_exclusive(wq, entry, state) prepare_to_wait(wq, entry, state)
static inline int waitqueue_active(wait_queue_head_t* wq) {
  return READ_ONCE(wq->sleepers) != 0 || !list_empty(&wq->head);
}
static inline bool wq_has_sleeper(wait_queue_head_t* wq) {
  smp_mb();
  return waitqueue_active(wq);
}
#define wake_up(wq) __wake_up(wq, 3, 1, NULL)
#define wake_up_nr(wq, nr) __wake_up(wq, 3, nr, NULL)
#define wake_up_all(wq) __wake_up(wq, 3, 0, NULL)
#define wake_up_locked(wq) wake_up(wq)
#define wake_up_interruptible(wq) __wake_up(wq, 1, 1, NULL)
#define wake_up_interruptible_nr(wq, nr) __wake_up(wq, 1, nr, NULL)
#define wake_up_interruptible_all(wq) __wake_up(wq, 1, 0, NULL)
#define wake_up_interruptible_sync(wq) wake_up_interruptible(wq)
#define wake_up_poll(wq, mask) wake_up(wq)
#define wake_up_interruptible_poll(wq, mask) wake_up_interruptible(wq)

/* Gives the jiffies left (at least 1 if the condition holds), 0 at the end of time, or an error. */
#define ___wait_event(wq, condition, state, timeout, before, after) \
  ({                                                                \
    long __left = (timeout);                                        \
    for (;;) {                                                      \
      unsigned int __seq = READ_ONCE((wq).seq);                     \
      smp_mb();                                                     \
      if (condition) {                                              \
        if (__left <= 0) __left = 1;                                \
        break;                                                      \
      }                                                             \
      if (__left <= 0) break;                                       \
      before;                                                       \
      __left = __wait_on(&(wq), __seq, state, __left);              \
      after;                                                        \
      if (__left < 0) break;                                        \
    }                                                               \
    __left;                                                         \
  })
#define __wait_forever ((long)(~0UL >> 1))
#define __wait_result(left) ((left) < 0 ? (int)(left) : 0)
#define wait_event(wq, condition)                                                                 \
  do {                                                                                            \
    (void)___wait_event(wq, condition, __wait_uninterruptible, __wait_forever, (void)0, (void)0); \
  } while (0)
#define wait_event_interruptible(wq, condition) \
  __wait_result(___wait_event(wq, condition, __wait_interruptible, __wait_forever, (void)0, (void)0))
#define wait_event_timeout(wq, condition, timeout) \
  ___wait_event(wq, condition, __wait_uninterruptible, timeout, (void)0, (void)0)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
  ___wait_event(wq, condition, __wait_interruptible, timeout, (void)0, (void)0)
#define wait_event_killable(wq, condition) wait_event_interruptible(wq, condition)
#define wait_event_killable_timeout(wq, c, timeout) wait_event_interruptible_timeout(wq, c, timeout)
#define wait_event_freezable(wq, condition) wait_event_interruptible(wq, condition)
#define wait_event_idle(wq, condition) wait_event(wq, condition)
#define wait_event_idle_timeout(wq, condition, timeout) wait_event_timeout(wq, condition, timeout)
#define wait_event_interruptible_exclusive(wq, condition) wait_event_interruptible(wq, condition)
#define wait_event_lock_irq(wq, condition, lock)                                                         \
  do {                                                                                                   \
    (void)___wait_event(wq, condition, __wait_uninterruptible, __wait_forever, spin_unlock_irq(&(lock)), \
                        spin_lock_irq(&(lock)));                                                         \
  } while (0)
#define wait_event_interruptible_lock_irq(wq, condition, lock)                                               \
  __wait_result(___wait_event(wq, condition, __wait_interruptible, __wait_forever, spin_unlock_irq(&(lock)), \
                              spin_lock_irq(&(lock))))

#endif
