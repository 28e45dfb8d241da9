/* Spin locks and reader-writer locks: words that the emulator keeps; 0 is unlocked. */
#ifndef TRAPLINE_LINUX_SPINLOCK_TYPES_H
#define TRAPLINE_LINUX_SPINLOCK_TYPES_H

#include <linux/types.h>
typedef struct raw_spinlock {
  unsigned int slock;
  unsigned int owner_cpu;
} raw_spinlock_t;
typedef struct spinlock {
  struct raw_spinlock rlock;
} spinlock_t;
typedef struct {
  unsigned int cnts; /* readers; bit 31: a writer; bit 30: one waits */
  unsigned int owner_cpu;
} rwlock_t;
#define __RAW_SPIN_LOCK_UNLOCKED(name) ((raw_spinlock_t){0, 0})
#define __SPIN_LOCK_UNLOCKED(name) ((spinlock_t){{0, 0}})
#define __RW_LOCK_UNLOCKED(name) ((rwlock_t){0, 0})
#define SPIN_LOCK_UNLOCKED \
  {                        \
    { 0, 0 }               \
  }
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = {0, 0}
#define DEFINE_SPINLOCK(name) spinlock_t name = {{0, 0}}
#define DEFINE_RWLOCK(name) rwlock_t name = {0, 0}

#endif
