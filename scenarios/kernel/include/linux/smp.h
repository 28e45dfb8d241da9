/* The CPU that runs, and calls on others. */
#ifndef TRAPLINE_LINUX_SMP_H
#define TRAPLINE_LINUX_SMP_H

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/types.h>
typedef void (*smp_call_func_t)(void* info);
typedef bool (*smp_cond_func_t)(int cpu, void* info);
unsigned int __smp_processor_id(void);
/* Runs func on a CPU, in interrupt context there (directly, interrupts off, if it is this one). */
int smp_call_function_single(int cpu, smp_call_func_t func, void* info, int wait);
/* Runs func on every online CPU but this one. */
void smp_call_function(smp_call_func_t func, void* info, int wait);
/* Runs func on every online CPU, this one too. */
void on_each_cpu(smp_call_func_t func, void* info, int wait);
/* The same for the CPUs of a mask, with or without this one. */
void on_each_cpu_mask(const struct cpumask* mask, smp_call_func_t func, void* info, bool wait);
void smp_call_function_many(const struct cpumask* mask, smp_call_func_t func, void* info, bool wait);
/* Runs func in a worker task of the CPU and gives its result. */
int smp_call_on_cpu(unsigned int cpu, int (*func)(void*), void* par, bool phys);
#define smp_processor_id() __smp_processor_id()
#define raw_smp_processor_id() __smp_processor_id()
#define get_cpu()         \
  ({                      \
    preempt_disable();    \
    __smp_processor_id(); \
  })
#define put_cpu() preempt_enable()
/* On one CPU of the mask: this one, or else the first that is online. */
int smp_call_function_any(const struct cpumask* mask, smp_call_func_t func, void* info, int wait);
#define on_each_cpu_cond(cond, func, info, wait)                                                   \
  do {                                                                                             \
    unsigned int __c;                                                                              \
    for_each_online_cpu(__c) if (cond(__c, info)) smp_call_function_single(__c, func, info, wait); \
  } while (0)

#endif
