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
