/* Mutexes: the emulator keeps them; all zero is unlocked. */
#ifndef TRAPLINE_LINUX_MUTEX_H
#define TRAPLINE_LINUX_MUTEX_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/spinlock_types.h>
struct mutex {
  unsigned long owner; /* the holder's task, and 1 if others wait; 0: nobody holds it */
  raw_spinlock_t wait_lock;
  struct list_head wait_list;
};
#define __MUTEX_INITIALIZER(name) \
  { .owner = 0, .wait_list = LIST_HEAD_INIT((name).wait_list) }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
static inline void mutex_init(struct mutex* m) {
  *m = (struct mutex){.owner = 0};
  INIT_LIST_HEAD(&m->wait_list);
}
void mutex_lock(struct mutex* m);
int __must_check mutex_lock_interruptible(struct mutex* m);
int __must_check mutex_lock_killable(struct mutex* m);
int mutex_trylock(struct mutex* m);
void mutex_unlock(struct mutex* m);
static inline bool mutex_is_locked(struct mutex* m) { return READ_ONCE(m->owner) != 0; }
static inline void mutex_destroy(struct mutex* m) {}
#define mutex_lock_nested(m, subclass) mutex_lock(m)
#define mutex_lock_io(m) mutex_lock(m)

#endif
