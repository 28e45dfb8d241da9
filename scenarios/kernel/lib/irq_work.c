// Work for a hard interrupt (kernel/irq_work.c). The lists need no lock, for whoever is in no position to
// take one.
#include <linux/irq_work.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "gates.h"

#define IRQ_WORK_PENDING 1UL
#define IRQ_WORK_BUSY 2UL

static struct irq_work* raised_list[NR_CPUS];

static noinline void irq_work_single(struct irq_work* work) {
  // From now on it may be queued again. Who does so and finds it pending relies on what it has stored being
  // seen.
  unsigned long state = __atomic_and_fetch(&work->state, ~IRQ_WORK_PENDING, __ATOMIC_SEQ_CST);

  work->func(work);
  // Busy no more, unless it is pending again.
  __atomic_compare_exchange_n(&work->state, &state, state & ~IRQ_WORK_BUSY, false, __ATOMIC_SEQ_CST,
                              __ATOMIC_RELAXED);
}

static void irq_work_run_list(unsigned long cpu) {
  struct irq_work *work = __atomic_exchange_n(&raised_list[cpu], NULL, __ATOMIC_ACQUIRE), *in_order = NULL;

  while (work) {
    struct irq_work* next = work->next;

    work->next = in_order;
    in_order = work;
    work = next;
  }
  while (in_order) {
    work = in_order;
    in_order = work->next;
    irq_work_single(work);
  }
}

static bool __irq_work_queue_on(struct irq_work* work, int cpu) {
  struct irq_work* first;

  if (__atomic_fetch_or(&work->state, IRQ_WORK_PENDING | IRQ_WORK_BUSY, __ATOMIC_SEQ_CST) & IRQ_WORK_PENDING)
    return false;
  first = READ_ONCE(raised_list[cpu]);
  do work->next = first;
  while (!__atomic_compare_exchange_n(&raised_list[cpu], &first, work, false, __ATOMIC_RELEASE,
                                      __ATOMIC_RELAXED));
  if (!first) __kernel_call_at(0, cpu, 0, irq_work_run_list, (unsigned long)cpu);
  return true;
}

bool irq_work_queue(struct irq_work* work) {
  bool queued;

  preempt_disable();
  queued = __irq_work_queue_on(work, (int)smp_processor_id());
  preempt_enable();
  return queued;
}

bool irq_work_queue_on(struct irq_work* work, int cpu) {
  WARN_ON_ONCE(!cpu_online((unsigned int)cpu));
  return cpu_online((unsigned int)cpu) && __irq_work_queue_on(work, cpu);
}

void irq_work_sync(struct irq_work* work) {
  while (__atomic_load_n(&work->state, __ATOMIC_ACQUIRE) & IRQ_WORK_BUSY) cpu_relax();
}
