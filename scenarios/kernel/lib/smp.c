// Calls of functions on other CPUs (kernel/smp.c).
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "gates.h"

struct call_single_data {
  struct call_single_data* next;
  smp_call_func_t func;
  void* info;
  bool waits;          /* whoever called does, for `locked`; else it is freed when it is done */
  unsigned int locked; /* not done yet */
};
static struct call_single_data* call_single_queue[NR_CPUS];

// First those that somebody waits for, then the others, each in the order in which they came.
static noinline void __flush_smp_call_function_queue(unsigned long cpu) {
  struct call_single_data* csd = __atomic_exchange_n(&call_single_queue[cpu], NULL, __ATOMIC_ACQUIRE);
  struct call_single_data *in_order = NULL, *rest = NULL, **end = &rest;

  while (csd) {
    struct call_single_data* next = csd->next;

    csd->next = in_order;
    in_order = csd;
    csd = next;
  }
  while ((csd = in_order)) {
    in_order = csd->next;
    if (csd->waits) {
      csd->func(csd->info);
      __atomic_store_n(&csd->locked, 0, __ATOMIC_RELEASE);
    } else {
      csd->next = NULL;
      *end = csd;
      end = &csd->next;
    }
  }
  while ((csd = rest)) {
    smp_call_func_t func = csd->func;
    void* info = csd->info;

    rest = csd->next;
    kfree(csd);
    func(info);
  }
}

static void generic_smp_call_function_single_interrupt(unsigned long cpu) {
  __flush_smp_call_function_queue(cpu);
}

static void csd_queue(struct call_single_data* csd, unsigned int cpu, smp_call_func_t func, void* info,
                      bool waits) {
  struct call_single_data* first = READ_ONCE(call_single_queue[cpu]);

  csd->func = func;
  csd->info = info;
  csd->waits = waits;
  csd->locked = 1;
  // What the caller has stored is seen there.
  do csd->next = first;
  while (!__atomic_compare_exchange_n(&call_single_queue[cpu], &first, csd, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_RELAXED));
  if (!first) __kernel_call_at(0, (int)cpu, 0, generic_smp_call_function_single_interrupt, cpu);
}

static void csd_wait(struct call_single_data* csd) {
  while (__atomic_load_n(&csd->locked, __ATOMIC_ACQUIRE)) cpu_relax();
}

static void call_here(smp_call_func_t func, void* info) {
  unsigned long flags = __local_irq_save();

  func(info);
  __local_irq_restore(flags);
}

// On another CPU.
static void generic_exec_single(unsigned int cpu, smp_call_func_t func, void* info, bool wait) {
  struct call_single_data own, *csd = wait ? NULL : kmalloc(sizeof(*csd), GFP_ATOMIC);

  csd_queue(csd ? csd : &own, cpu, func, info, !csd);
  if (!csd) csd_wait(&own);
}

int smp_call_function_single(int cpu, smp_call_func_t func, void* info, int wait) {
  unsigned int here = get_cpu();
  int err = 0;

  // Two CPUs that wait for each other with interrupts off wait for ever.
  WARN_ON_ONCE(irqs_disabled());
  if ((unsigned int)cpu == here)
    call_here(func, info);
  else if ((unsigned int)cpu < nr_cpu_ids && cpu_online((unsigned int)cpu))
    generic_exec_single((unsigned int)cpu, func, info, wait);
  else
    err = -ENXIO;
  put_cpu();
  return err;
}

int smp_call_function_any(const struct cpumask* mask, smp_call_func_t func, void* info, int wait) {
  unsigned int cpu = get_cpu();
  int err;

  if (!cpumask_test_cpu((int)cpu, mask)) cpu = cpumask_any_and(mask, cpu_online_mask);
  err = smp_call_function_single((int)cpu, func, info, wait);
  put_cpu();
  return err;
}

// Preemption is disabled.
static void smp_call_function_many_cond(const struct cpumask* mask, smp_call_func_t func, void* info,
                                        bool wait, bool local) {
  unsigned int here = smp_processor_id(), cpu, n = 0;
  struct call_single_data* calls = NULL;
  struct cpumask others;

  cpumask_and(&others, mask, cpu_online_mask);
  cpumask_clear_cpu((int)here, &others);
  if (wait) calls = kmalloc_array(cpumask_weight(&others) + 1, sizeof(*calls), GFP_ATOMIC);
  for_each_cpu(cpu, &others) {
    if (calls)
      csd_queue(&calls[n++], cpu, func, info, true);
    else
      generic_exec_single(cpu, func, info, wait);
  }
  if (local && cpumask_test_cpu((int)here, mask)) call_here(func, info);
  while (n > 0) csd_wait(&calls[--n]);
  kfree(calls);
}

void smp_call_function_many(const struct cpumask* mask, smp_call_func_t func, void* info, bool wait) {
  smp_call_function_many_cond(mask, func, info, wait, false);
}

void smp_call_function(smp_call_func_t func, void* info, int wait) {
  preempt_disable();
  smp_call_function_many_cond(cpu_online_mask, func, info, wait, false);
  preempt_enable();
}

void on_each_cpu_mask(const struct cpumask* mask, smp_call_func_t func, void* info, bool wait) {
  preempt_disable();
  smp_call_function_many_cond(mask, func, info, wait, true);
  preempt_enable();
}

void on_each_cpu(smp_call_func_t func, void* info, int wait) {
  on_each_cpu_mask(cpu_online_mask, func, info, wait);
}

struct smp_call_on_cpu_struct {
  struct work_struct work;
  struct completion done;
  int (*func)(void*);
  void* data;
  int ret;
};

static void smp_call_on_cpu_callback(struct work_struct* work) {
  struct smp_call_on_cpu_struct* call = container_of(work, struct smp_call_on_cpu_struct, work);

  call->ret = call->func(call->data);
  complete(&call->done);
}

int smp_call_on_cpu(unsigned int cpu, int (*func)(void*), void* par, bool phys) {
  struct smp_call_on_cpu_struct call = {.func = func, .data = par};

  if (cpu >= nr_cpu_ids || !cpu_online(cpu)) return -ENXIO;
  INIT_WORK_ONSTACK(&call.work, smp_call_on_cpu_callback);
  init_completion(&call.done);
  queue_work_on((int)cpu, system_wq, &call.work);
  wait_for_completion(&call.done);
  destroy_work_on_stack(&call.work);
  return call.ret;
}
