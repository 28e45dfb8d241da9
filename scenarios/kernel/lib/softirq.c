// Tasklets (kernel/softirq.c).
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "gates.h"

enum { TASKLET_STATE_SCHED, TASKLET_STATE_RUN };

struct tasklet_head {
  struct tasklet_struct* first;
  struct tasklet_struct** end;
};
// Of its own CPU only, with interrupts off.
static struct tasklet_head tasklet_vec[NR_CPUS], tasklet_hi_vec[NR_CPUS];

static void tasklet_action(unsigned long cpu);
static void tasklet_hi_action(unsigned long cpu);

// Interrupts are off.
static void tasklet_append(struct tasklet_head* vec, struct tasklet_struct* t, u64 when,
                           void (*action)(unsigned long)) {
  unsigned int cpu = smp_processor_id();
  struct tasklet_head* head = &vec[cpu];

  t->next = NULL;
  if (head->first) {
    *head->end = t;
  } else {
    head->first = t;
    __kernel_call_at(when, (int)cpu, 1, action, cpu);
  }
  head->end = &t->next;
}

static void tasklet_action_common(struct tasklet_head* vec, void (*action)(unsigned long)) {
  unsigned long flags = __local_irq_save();
  struct tasklet_head* head = &vec[smp_processor_id()];
  struct tasklet_struct *t = head->first, *next;

  head->first = NULL;
  for (; t; t = next) {
    next = t->next;
    if (!test_and_set_bit(TASKLET_STATE_RUN, &t->state)) {
      if (!atomic_read(&t->count)) {
        WARN_ONCE(!test_and_clear_bit(TASKLET_STATE_SCHED, &t->state),
                  "tasklet SCHED state not set: %s %pS\n", t->use_callback ? "callback" : "func", t->func);
        __local_irq_restore(flags);
        if (t->use_callback)
          t->callback(t);
        else
          t->func(t->data);
        flags = __local_irq_save();
        clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
        continue;
      }
      clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
    }
    // It is disabled, or runs elsewhere: again somewhat later, and something else meanwhile.
    tasklet_append(vec, t, ktime_get_ns() + 50 * NSEC_PER_USEC, action);
  }
  __local_irq_restore(flags);
}

static void tasklet_action(unsigned long cpu) { tasklet_action_common(tasklet_vec, tasklet_action); }
static void tasklet_hi_action(unsigned long cpu) { tasklet_action_common(tasklet_hi_vec, tasklet_hi_action); }

void tasklet_schedule(struct tasklet_struct* t) {
  unsigned long flags;

  if (test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) return;
  flags = __local_irq_save();
  tasklet_append(tasklet_vec, t, 0, tasklet_action);
  __local_irq_restore(flags);
}

void tasklet_hi_schedule(struct tasklet_struct* t) {
  unsigned long flags;

  if (test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) return;
  flags = __local_irq_save();
  tasklet_append(tasklet_hi_vec, t, 0, tasklet_hi_action);
  __local_irq_restore(flags);
}

static void tasklet_unlock_wait(struct tasklet_struct* t) {
  while (test_bit(TASKLET_STATE_RUN, &t->state)) cpu_relax();
  smp_mb();
}

void tasklet_disable(struct tasklet_struct* t) {
  atomic_inc(&t->count);
  smp_mb();
  tasklet_unlock_wait(t);
}

void tasklet_kill(struct tasklet_struct* t) {
  if (in_interrupt()) pr_notice("Attempt to kill tasklet from interrupt\n");
  while (test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) yield();
  tasklet_unlock_wait(t);
  clear_bit(TASKLET_STATE_SCHED, &t->state);
}
