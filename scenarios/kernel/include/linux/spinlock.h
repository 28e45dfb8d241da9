/* Spin locks and reader-writer locks. The gates also disable and enable preemption. */
#ifndef TRAPLINE_LINUX_SPINLOCK_H
#define TRAPLINE_LINUX_SPINLOCK_H

#include <asm/barrier.h>
#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/spinlock_types.h>

void _raw_spin_lock(raw_spinlock_t* lock);
void _raw_spin_unlock(raw_spinlock_t* lock);
int _raw_spin_trylock(raw_spinlock_t* lock);
void _raw_read_lock(rwlock_t* lock);
void _raw_read_unlock(rwlock_t* lock);
int _raw_read_trylock(rwlock_t* lock);
void _raw_write_lock(rwlock_t* lock);
void _raw_write_unlock(rwlock_t* lock);
int _raw_write_trylock(rwlock_t* lock);

#define raw_spin_lock_init(lock)              \
  do {                                        \
    *(lock) = __RAW_SPIN_LOCK_UNLOCKED(lock); \
  } while (0)
#define spin_lock_init(lock)              \
  do {                                    \
    *(lock) = __SPIN_LOCK_UNLOCKED(lock); \
  } while (0)
#define rwlock_init(lock)               \
  do {                                  \
    *(lock) = __RW_LOCK_UNLOCKED(lock); \
  } while (0)
#define raw_spin_is_locked(lock) (READ_ONCE((lock)->slock) != 0)
#define spin_is_locked(lock) raw_spin_is_locked(&(lock)->rlock)
#define assert_spin_locked(lock) BUG_ON(!spin_is_locked(lock))
#define spin_is_contended(lock) ((void)(lock), 0)

#define raw_spin_lock(lock) _raw_spin_lock(lock)
#define raw_spin_unlock(lock) _raw_spin_unlock(lock)
#define raw_spin_trylock(lock) _raw_spin_trylock(lock)
#define raw_spin_lock_nested(lock, subclass) _raw_spin_lock(lock)
#define raw_spin_lock_irqsave(lock, flags) \
  do {                                     \
    (flags) = __local_irq_save();          \
    _raw_spin_lock(lock);                  \
  } while (0)
#define raw_spin_unlock_irqrestore(lock, flags) \
  do {                                          \
    _raw_spin_unlock(lock);                     \
    __local_irq_restore(flags);                 \
  } while (0)
#define raw_spin_lock_irq(lock) \
  do {                          \
    local_irq_disable();        \
    _raw_spin_lock(lock);       \
  } while (0)
#define raw_spin_unlock_irq(lock) \
  do {                            \
    _raw_spin_unlock(lock);       \
    local_irq_enable();           \
  } while (0)
#define raw_spin_lock_bh(lock) \
  do {                         \
    local_bh_disable();        \
    _raw_spin_lock(lock);      \
  } while (0)
#define raw_spin_unlock_bh(lock) \
  do {                           \
    _raw_spin_unlock(lock);      \
    local_bh_enable();           \
  } while (0)
#define raw_spin_trylock_irqsave(lock, flags) \
  ({                                          \
    (flags) = __local_irq_save();             \
    _raw_spin_trylock(lock) ? 1 : ({          \
      __local_irq_restore(flags);             \
      0;                                      \
    });                                       \
  })
static inline void spin_lock(spinlock_t* lock) { _raw_spin_lock(&lock->rlock); }
static inline void spin_unlock(spinlock_t* lock) { _raw_spin_unlock(&lock->rlock); }
static inline int spin_trylock(spinlock_t* lock) { return _raw_spin_trylock(&lock->rlock); }
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_lock_irqsave(lock, flags) raw_spin_lock_irqsave(&(lock)->rlock, flags)
#define spin_lock_irqsave_nested(lock, flags, subclass) spin_lock_irqsave(lock, flags)
static inline void spin_unlock_irqrestore(spinlock_t* lock, unsigned long flags) {
  raw_spin_unlock_irqrestore(&lock->rlock, flags);
}
static inline void spin_lock_irq(spinlock_t* lock) { raw_spin_lock_irq(&lock->rlock); }
static inline void spin_unlock_irq(spinlock_t* lock) { raw_spin_unlock_irq(&lock->rlock); }
static inline void spin_lock_bh(spinlock_t* lock) { raw_spin_lock_bh(&lock->rlock); }
static inline void spin_unlock_bh(spinlock_t* lock) { raw_spin_unlock_bh(&lock->rlock); }
#define spin_trylock_irqsave(lock, flags) raw_spin_trylock_irqsave(&(lock)->rlock, flags)
#define spin_trylock_irq(lock)  \
  ({                            \
    local_irq_disable();        \
    spin_trylock(lock) ? 1 : ({ \
      local_irq_enable();       \
      0;                        \
    });                         \
  })
#define spin_trylock_bh(lock)   \
  ({                            \
    local_bh_disable();         \
    spin_trylock(lock) ? 1 : ({ \
      local_bh_enable();        \
      0;                        \
    });                         \
  })
#define atomic_dec_and_lock(v, lock) \
  ({                                 \
    spin_lock(lock);                 \
    atomic_dec_and_test(v) ? 1 : ({  \
      spin_unlock(lock);             \
      0;                             \
    });                              \
  })

#define read_lock(lock) _raw_read_lock(lock)
#define read_unlock(lock) _raw_read_unlock(lock)
#define read_trylock(lock) _raw_read_trylock(lock)
#define write_lock(lock) _raw_write_lock(lock)
#define write_unlock(lock) _raw_write_unlock(lock)
#define write_trylock(lock) _raw_write_trylock(lock)
#define read_lock_irqsave(lock, flags) \
  do {                                 \
    (flags) = __local_irq_save();      \
    _raw_read_lock(lock);              \
  } while (0)
#define read_unlock_irqrestore(lock, flags) \
  do {                                      \
    _raw_read_unlock(lock);                 \
    __local_irq_restore(flags);             \
  } while (0)
#define write_lock_irqsave(lock, flags) \
  do {                                  \
    (flags) = __local_irq_save();       \
    _raw_write_lock(lock);              \
  } while (0)
#define write_unlock_irqrestore(lock, flags) \
  do {                                       \
    _raw_write_unlock(lock);                 \
    __local_irq_restore(flags);              \
  } while (0)
#define read_lock_irq(lock) \
  do {                      \
    local_irq_disable();    \
    _raw_read_lock(lock);   \
  } while (0)
#define read_unlock_irq(lock) \
  do {                        \
    _raw_read_unlock(lock);   \
    local_irq_enable();       \
  } while (0)
#define write_lock_irq(lock) \
  do {                       \
    local_irq_disable();     \
    _raw_write_lock(lock);   \
  } while (0)
#define write_unlock_irq(lock) \
  do {                         \
    _raw_write_unlock(lock);   \
    local_irq_enable();        \
  } while (0)
#define read_lock_bh(lock) \
  do {                     \
    local_bh_disable();    \
    _raw_read_lock(lock);  \
  } while (0)
#define read_unlock_bh(lock) \
  do {                       \
    _raw_read_unlock(lock);  \
    local_bh_enable();       \
  } while (0)
#define write_lock_bh(lock) \
  do {                      \
    local_bh_disable();     \
    _raw_write_lock(lock);  \
  } while (0)
#define write_unlock_bh(lock) \
  do {                        \
    _raw_write_unlock(lock);  \
    local_bh_enable();        \
  } while (0)

#endif
