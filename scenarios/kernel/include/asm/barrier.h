/* Memory barriers. */
#ifndef TRAPLINE_ASM_BARRIER_H
#define TRAPLINE_ASM_BARRIER_H

#include <linux/compiler.h>
#ifdef __x86_64__
#define mb() __asm__ __volatile__("mfence" : : : "memory")
#define rmb() __asm__ __volatile__("lfence" : : : "memory")
#define wmb() __asm__ __volatile__("sfence" : : : "memory")
#define smp_mb() mb()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#else
#define mb() __asm__ __volatile__("sync" : : : "memory")
#define rmb() mb()
#define wmb() mb()
#define smp_mb() mb()
#define smp_rmb() __asm__ __volatile__("lwsync" : : : "memory")
#define smp_wmb() smp_rmb()
#endif
#define dma_rmb() rmb()
#define dma_wmb() wmb()
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_mb__after_spinlock() smp_mb()
#define smp_mb__after_unlock_lock() smp_mb()
#define smp_store_mb(var, value) \
  do {                           \
    WRITE_ONCE(var, value);      \
    smp_mb();                    \
  } while (0)
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, value) __atomic_store_n(p, value, __ATOMIC_RELEASE)
#define smp_read_barrier_depends() barrier()
#define smp_acquire__after_ctrl_dep() smp_rmb()
#define smp_cond_load_relaxed(p, condition)                  \
  ({                                                         \
    typeof(*(p)) VAL;                                        \
    while (VAL = READ_ONCE(*(p)), !(condition)) cpu_relax(); \
    VAL;                                                     \
  })
#define smp_cond_load_acquire(p, condition) smp_cond_load_relaxed(p, condition)
#include <asm/processor.h>

#endif
