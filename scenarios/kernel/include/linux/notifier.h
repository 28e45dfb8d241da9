/* Chains of calls. */
#ifndef TRAPLINE_LINUX_NOTIFIER_H
#define TRAPLINE_LINUX_NOTIFIER_H

#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
struct notifier_block;
typedef int (*notifier_fn_t)(struct notifier_block* nb, unsigned long action, void* data);
struct notifier_block {
  notifier_fn_t notifier_call;
  struct notifier_block __rcu* next;
  int priority;
};
_Static_assert(sizeof(struct notifier_block) == 24 && offsetof(struct notifier_block, priority) == 16,
               "the emulator reads it");
#define NOTIFY_DONE 0x0000
#define NOTIFY_OK 0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_BAD (NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP (NOTIFY_OK | NOTIFY_STOP_MASK)
static inline int notifier_from_errno(int err) {
  return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}
static inline int notifier_to_errno(int ret) {
  ret &= ~NOTIFY_STOP_MASK;
  return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}
/* The chain itself, the highest priority first; the four kinds are locked around it. */
static inline int __notifier_add(struct notifier_block** at, struct notifier_block* n) {
  while (*at && (*at)->priority >= n->priority) {
    if (*at == n) return -EEXIST;
    at = &(*at)->next;
  }
  n->next = *at;
  *at = n;
  return 0;
}
static inline int __notifier_remove(struct notifier_block** at, struct notifier_block* n) {
  for (; *at; at = &(*at)->next)
    if (*at == n) {
      *at = n->next;
      return 0;
    }
  return -ENOENT;
}
static inline int __notifier_call(struct notifier_block* n, unsigned long action, void* data) {
  int ret = NOTIFY_DONE;
  while (n && !(ret & NOTIFY_STOP_MASK)) {
    struct notifier_block* next = n->next;
    ret = n->notifier_call(n, action, data);
    n = next;
  }
  return ret;
}
struct atomic_notifier_head {
  spinlock_t lock;
  struct notifier_block* head;
};
struct blocking_notifier_head {
  struct rw_semaphore rwsem;
  struct notifier_block* head;
};
struct raw_notifier_head {
  struct notifier_block* head;
};
struct srcu_notifier_head {
  struct rw_semaphore rwsem;
  struct notifier_block* head;
};
#define ATOMIC_NOTIFIER_HEAD(name) \
  struct atomic_notifier_head name = {.lock = SPIN_LOCK_UNLOCKED, .head = NULL}
#define BLOCKING_NOTIFIER_HEAD(name) \
  struct blocking_notifier_head name = {.rwsem = __RWSEM_INITIALIZER((name).rwsem), .head = NULL}
#define RAW_NOTIFIER_HEAD(name) struct raw_notifier_head name = {.head = NULL}
#define SRCU_NOTIFIER_HEAD(name) \
  struct srcu_notifier_head name = {.rwsem = __RWSEM_INITIALIZER((name).rwsem), .head = NULL}
#define ATOMIC_INIT_NOTIFIER_HEAD(n) \
  do {                               \
    spin_lock_init(&(n)->lock);      \
    (n)->head = NULL;                \
  } while (0)
#define BLOCKING_INIT_NOTIFIER_HEAD(n) \
  do {                                 \
    init_rwsem(&(n)->rwsem);           \
    (n)->head = NULL;                  \
  } while (0)
#define RAW_INIT_NOTIFIER_HEAD(n) \
  do {                            \
    (n)->head = NULL;             \
  } while (0)
#define __NOTIFIER_KIND(kind, lock_write, unlock_write, lock_read, unlock_read)                       \
  static inline int kind##_notifier_chain_register(struct kind##_notifier_head* nh,                   \
                                                   struct notifier_block* nb) {                       \
    int ret;                                                                                          \
    lock_write;                                                                                       \
    ret = __notifier_add(&nh->head, nb);                                                              \
    unlock_write;                                                                                     \
    return ret;                                                                                       \
  }                                                                                                   \
  static inline int kind##_notifier_chain_unregister(struct kind##_notifier_head* nh,                 \
                                                     struct notifier_block* nb) {                     \
    int ret;                                                                                          \
    lock_write;                                                                                       \
    ret = __notifier_remove(&nh->head, nb);                                                           \
    unlock_write;                                                                                     \
    return ret;                                                                                       \
  }                                                                                                   \
  static inline int kind##_notifier_call_chain(struct kind##_notifier_head* nh, unsigned long action, \
                                               void* data) {                                          \
    int ret;                                                                                          \
    lock_read;                                                                                        \
    ret = __notifier_call(nh->head, action, data);                                                    \
    unlock_read;                                                                                      \
    return ret;                                                                                       \
  }
__NOTIFIER_KIND(atomic, spin_lock(&nh->lock), spin_unlock(&nh->lock), rcu_read_lock(), rcu_read_unlock())
__NOTIFIER_KIND(blocking, down_write(&nh->rwsem), up_write(&nh->rwsem), down_read(&nh->rwsem),
                up_read(&nh->rwsem))
__NOTIFIER_KIND(srcu, down_write(&nh->rwsem), up_write(&nh->rwsem), down_read(&nh->rwsem),
                up_read(&nh->rwsem))
__NOTIFIER_KIND(raw, (void)0, (void)0, (void)0, (void)0)
#include <linux/panic_notifier.h>

#endif
