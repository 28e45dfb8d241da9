/* Per-CPU variables: an address in section .data..percpu plus the offset of the CPU. */
#ifndef TRAPLINE_LINUX_PERCPU_H
#define TRAPLINE_LINUX_PERCPU_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/smp.h>

extern unsigned long __per_cpu_offset[];
void __percpu* __alloc_percpu(size_t size, size_t align);
void free_percpu(void __percpu* p);
#define alloc_percpu(type) ((typeof(type) __percpu*)__alloc_percpu(sizeof(type), __alignof__(type)))
#define alloc_percpu_gfp(type, gfp) alloc_percpu(type)
#define __alloc_percpu_gfp(size, align, gfp) __alloc_percpu(size, align)
#define alloc_percpu_noprof alloc_percpu
#define per_cpu_offset(cpu) (__per_cpu_offset[cpu])

#define __PER_CPU_SECTION __section(".data..percpu")
#define DECLARE_PER_CPU(type, name) extern __PER_CPU_SECTION typeof(type) name
#define DEFINE_PER_CPU(type, name) __PER_CPU_SECTION typeof(type) name
#define DECLARE_PER_CPU_SECTION(type, name, section) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_SECTION(type, name, section) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_FIRST(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_FIRST(type, name) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU(type, name) ____cacheline_aligned
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_ALIGNED(type, name) DECLARE_PER_CPU(type, name) ____cacheline_aligned
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_PAGE_ALIGNED(type, name) DECLARE_PER_CPU(type, name) __aligned(4096)
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name) DEFINE_PER_CPU(type, name) __aligned(4096)
#define DECLARE_PER_CPU_READ_MOSTLY(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name) DEFINE_PER_CPU(type, name)

#define SHIFT_PERCPU_PTR(p, offset) RELOC_HIDE((p), (offset))
#define per_cpu_ptr(p, cpu) RELOC_HIDE((p), __per_cpu_offset[cpu])
#define raw_cpu_ptr(p) per_cpu_ptr(p, __smp_processor_id())
#define this_cpu_ptr(p) raw_cpu_ptr(p)
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define __get_cpu_var(var) (*this_cpu_ptr(&(var)))
#define get_cpu_var(var)  \
  (*({                    \
    preempt_disable();    \
    this_cpu_ptr(&(var)); \
  }))
#define put_cpu_var(var) \
  do {                   \
    (void)&(var);        \
    preempt_enable();    \
  } while (0)
#define get_cpu_ptr(p) \
  ({                   \
    preempt_disable(); \
    this_cpu_ptr(p);   \
  })
#define put_cpu_ptr(p) \
  do {                 \
    (void)(p);         \
    preempt_enable();  \
  } while (0)

/* The __this_cpu and raw_cpu forms; the caller keeps others of this CPU out. */
#define raw_cpu_read(v) (*raw_cpu_ptr(&(v)))
#define raw_cpu_write(v, value)   \
  do {                            \
    *raw_cpu_ptr(&(v)) = (value); \
  } while (0)
#define raw_cpu_add(v, value)      \
  do {                             \
    *raw_cpu_ptr(&(v)) += (value); \
  } while (0)
#define raw_cpu_sub(v, value)      \
  do {                             \
    *raw_cpu_ptr(&(v)) -= (value); \
  } while (0)
#define raw_cpu_and(v, value)      \
  do {                             \
    *raw_cpu_ptr(&(v)) &= (value); \
  } while (0)
#define raw_cpu_or(v, value)       \
  do {                             \
    *raw_cpu_ptr(&(v)) |= (value); \
  } while (0)
#define raw_cpu_inc(v) raw_cpu_add(v, 1)
#define raw_cpu_dec(v) raw_cpu_sub(v, 1)
#define raw_cpu_add_return(v, value) (*raw_cpu_ptr(&(v)) += (value))
#define __this_cpu_read(v) raw_cpu_read(v)
#define __this_cpu_write(v, value) raw_cpu_write(v, value)
#define __this_cpu_add(v, value) raw_cpu_add(v, value)
#define __this_cpu_sub(v, value) raw_cpu_sub(v, value)
#define __this_cpu_and(v, value) raw_cpu_and(v, value)
#define __this_cpu_or(v, value) raw_cpu_or(v, value)
#define __this_cpu_inc(v) raw_cpu_inc(v)
#define __this_cpu_dec(v) raw_cpu_dec(v)
#define __this_cpu_add_return(v, value) raw_cpu_add_return(v, value)
#define __this_cpu_inc_return(v) raw_cpu_add_return(v, 1)
#define raw_cpu_sub_return(v, value) raw_cpu_add_return(v, -(typeof(v))(value))
#define raw_cpu_inc_return(v) raw_cpu_add_return(v, 1)
#define raw_cpu_dec_return(v) raw_cpu_add_return(v, -1)
#define raw_cpu_xchg(v, value)           \
  ({                                     \
    typeof(v)* __rx = raw_cpu_ptr(&(v)); \
    typeof(v) __rold = *__rx;            \
    *__rx = (value);                     \
    __rold;                              \
  })
#define raw_cpu_cmpxchg(v, old, n)       \
  ({                                     \
    typeof(v)* __rc = raw_cpu_ptr(&(v)); \
    typeof(v) __rold = *__rc;            \
    if (__rold == (old)) *__rc = (n);    \
    __rold;                              \
  })
#define __this_cpu_sub_return(v, value) raw_cpu_sub_return(v, value)
#define __this_cpu_dec_return(v) raw_cpu_dec_return(v)
#define __this_cpu_xchg(v, value) raw_cpu_xchg(v, value)
#define __this_cpu_cmpxchg(v, old, n) raw_cpu_cmpxchg(v, old, n)

/* The this_cpu forms, with interrupts off for as long. */
#define __this_cpu_alone(statement)             \
  do {                                          \
    unsigned long __alone = __local_irq_save(); \
    statement;                                  \
    __local_irq_restore(__alone);               \
  } while (0)
#define __this_cpu_alone_value(expression)      \
  ({                                            \
    unsigned long __alone = __local_irq_save(); \
    __auto_type __value = (expression);         \
    __local_irq_restore(__alone);               \
    __value;                                    \
  })
#define this_cpu_read(v) __this_cpu_alone_value(raw_cpu_read(v))
#define this_cpu_write(v, value) __this_cpu_alone(raw_cpu_write(v, value))
#define this_cpu_add(v, value) __this_cpu_alone(raw_cpu_add(v, value))
#define this_cpu_sub(v, value) __this_cpu_alone(raw_cpu_sub(v, value))
#define this_cpu_and(v, value) __this_cpu_alone(raw_cpu_and(v, value))
#define this_cpu_or(v, value) __this_cpu_alone(raw_cpu_or(v, value))
#define this_cpu_inc(v) this_cpu_add(v, 1)
#define this_cpu_dec(v) this_cpu_sub(v, 1)
#define this_cpu_add_return(v, value) __this_cpu_alone_value(raw_cpu_add_return(v, value))
#define this_cpu_sub_return(v, value) this_cpu_add_return(v, -(typeof(v))(value))
#define this_cpu_inc_return(v) this_cpu_add_return(v, 1)
#define this_cpu_dec_return(v) this_cpu_add_return(v, -1)
#define this_cpu_xchg(v, value) __this_cpu_alone_value(xchg(raw_cpu_ptr(&(v)), value))
#define this_cpu_cmpxchg(v, old, n) __this_cpu_alone_value(cmpxchg(raw_cpu_ptr(&(v)), old, n))
#include <asm/cmpxchg.h>

#endif
