// Spin locks (kernel/locking/spinlock.c): guest code, so that who spins takes time.
#include <linux/preempt.h>
#include <linux/spinlock.h>

int _raw_spin_trylock(raw_spinlock_t* lock) {
  preempt_disable();
  if (!__atomic_exchange_n(&lock->slock, 1, __ATOMIC_ACQUIRE)) return 1;
  preempt_enable();
  return 0;
}

void _raw_spin_lock(raw_spinlock_t* lock) {
  preempt_disable();
  while (__atomic_exchange_n(&lock->slock, 1, __ATOMIC_ACQUIRE))
    while (__atomic_load_n(&lock->slock, __ATOMIC_RELAXED)) {
    }
}

void _raw_spin_unlock(raw_spinlock_t* lock) {
  __atomic_store_n(&lock->slock, 0, __ATOMIC_RELEASE);
  preempt_enable();
}

// Reader-writer spin locks (kernel/locking/qrwlock.c): readers wait for a writer that waits, but not in
// interrupts, which may have come between a reader's lock and unlock.
#define RW_WRITER 0x80000000u
#define RW_WAITING 0x40000000u

static int change_from(rwlock_t* lock, unsigned int from, unsigned int to) {
  return __atomic_compare_exchange_n(&lock->cnts, &from, to, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

int _raw_read_trylock(rwlock_t* lock) {
  unsigned int now;

  preempt_disable();
  now = __atomic_load_n(&lock->cnts, __ATOMIC_RELAXED);
  while (!(now & (RW_WRITER | RW_WAITING))) {
    if (change_from(lock, now, now + 1)) return 1;
    now = __atomic_load_n(&lock->cnts, __ATOMIC_RELAXED);
  }
  preempt_enable();
  return 0;
}

void _raw_read_lock(rwlock_t* lock) {
  unsigned int others;

  preempt_disable();
  others = in_interrupt() ? RW_WRITER : RW_WRITER | RW_WAITING;
  for (;;) {
    unsigned int now = __atomic_load_n(&lock->cnts, __ATOMIC_RELAXED);

    if (!(now & others) && change_from(lock, now, now + 1)) return;
    cpu_relax();
  }
}

void _raw_read_unlock(rwlock_t* lock) {
  __atomic_fetch_sub(&lock->cnts, 1, __ATOMIC_RELEASE);
  preempt_enable();
}

int _raw_write_trylock(rwlock_t* lock) {
  preempt_disable();
  if (change_from(lock, 0, RW_WRITER)) return 1;
  preempt_enable();
  return 0;
}

void _raw_write_lock(rwlock_t* lock) {
  preempt_disable();
  for (;;) {
    unsigned int now = __atomic_load_n(&lock->cnts, __ATOMIC_RELAXED);

    if (!(now & ~RW_WAITING)) {
      if (change_from(lock, now, RW_WRITER)) return;
    } else if (!(now & RW_WAITING)) {
      __atomic_fetch_or(&lock->cnts, RW_WAITING, __ATOMIC_RELAXED);
    }
    cpu_relax();
  }
}

// RW_WAITING stays: it is of another writer.
void _raw_write_unlock(rwlock_t* lock) {
  __atomic_fetch_and(&lock->cnts, ~RW_WRITER, __ATOMIC_RELEASE);
  preempt_enable();
}
