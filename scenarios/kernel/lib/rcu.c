// RCU (kernel/rcu/tree.c) of a kernel that is not preempted: a reader disables preemption, and a CPU that is
// found outside of all such sections has none that began before.
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "gates.h"

struct rcu_list {
  struct rcu_head* first;
  struct rcu_head** end;
};
struct rcu_data {
  struct rcu_list next;    /* for a grace period that has not begun */
  struct rcu_list waiting; /* for the one that is under way */
  struct rcu_list done;
};
static struct rcu_data rcu_data[NR_CPUS];
static struct cpumask rcu_pending;  // CPUs that the grace period still waits for; empty: there is none
static DEFINE_RAW_SPINLOCK(rcu_lock);

void rcu_read_lock(void) { preempt_disable(); }
void rcu_read_unlock(void) { preempt_enable(); }

static void rcu_list_append(struct rcu_list* list, struct rcu_head* head) {
  head->next = NULL;
  if (!list->first) list->end = &list->first;
  *list->end = head;
  list->end = &head->next;
}

static void rcu_list_move(struct rcu_list* to, struct rcu_list* from) {
  if (!from->first) return;
  if (!to->first) to->end = &to->first;
  *to->end = from->first;
  to->end = from->end;
  from->first = NULL;
}

static noinline void rcu_do_batch(struct rcu_head* head) {
  while (head) {
    struct rcu_head* next = head->next;
    unsigned long offset = (unsigned long)head->func;

    // kfree_rcu()
    if (offset < 4096)
      kfree((char*)head - offset);
    else
      head->func(head);
    head = next;
  }
}

static void rcu_core(unsigned long cpu) {
  unsigned long flags;
  struct rcu_head* first;

  raw_spin_lock_irqsave(&rcu_lock, flags);
  first = rcu_data[cpu].done.first;
  rcu_data[cpu].done.first = NULL;
  raw_spin_unlock_irqrestore(&rcu_lock, flags);
  rcu_do_batch(first);
}

static void rcu_sched_clock_irq(unsigned long cpu);

static void rcu_look_at_tick(unsigned int cpu) {
  u64 tick = (ktime_get_ns() / TICK_NSEC + 1) * TICK_NSEC;

  __kernel_call_at(tick, (int)cpu, 0, rcu_sched_clock_irq, cpu);
}

// Begins a grace period if there is none and one is wanted.
static void rcu_start_gp(void) {
  unsigned int cpu;
  bool wanted = false;

  if (!cpumask_empty(&rcu_pending)) return;
  for_each_possible_cpu(cpu) {
    wanted |= rcu_data[cpu].next.first != NULL;
    rcu_list_move(&rcu_data[cpu].waiting, &rcu_data[cpu].next);
  }
  if (!wanted) return;
  cpumask_copy(&rcu_pending, cpu_online_mask);
  for_each_online_cpu(cpu) rcu_look_at_tick(cpu);
}

// What it interrupts is a reader or not.
static void rcu_sched_clock_irq(unsigned long cpu) {
  bool quiet = !(preempt_count() & (PREEMPT_MASK | SOFTIRQ_MASK));
  unsigned long flags;
  unsigned int each;

  if (!quiet) {
    rcu_look_at_tick((unsigned int)cpu);
    return;
  }
  smp_mb();
  raw_spin_lock_irqsave(&rcu_lock, flags);
  cpumask_clear_cpu((int)cpu, &rcu_pending);
  if (cpumask_empty(&rcu_pending)) {
    for_each_possible_cpu(each) {
      struct rcu_data* data = &rcu_data[each];

      if (!data->waiting.first) continue;
      if (!data->done.first) __kernel_call_at(0, (int)each, 1, rcu_core, each);
      rcu_list_move(&data->done, &data->waiting);
    }
    rcu_start_gp();
  }
  raw_spin_unlock_irqrestore(&rcu_lock, flags);
}

static void __call_rcu(struct rcu_head* head, rcu_callback_t func, unsigned int cpu) {
  head->func = func;
  rcu_list_append(&rcu_data[cpu].next, head);
  rcu_start_gp();
}

void call_rcu(struct rcu_head* head, rcu_callback_t func) {
  unsigned long flags;

  raw_spin_lock_irqsave(&rcu_lock, flags);
  __call_rcu(head, func, smp_processor_id());
  raw_spin_unlock_irqrestore(&rcu_lock, flags);
}

struct rcu_synchronize {
  struct rcu_head head;
  struct completion completion;
};

static void wakeme_after_rcu(struct rcu_head* head) {
  complete(&container_of(head, struct rcu_synchronize, head)->completion);
}

void synchronize_rcu(void) {
  struct rcu_synchronize rs;

  init_completion(&rs.completion);
  call_rcu(&rs.head, wakeme_after_rcu);
  wait_for_completion(&rs.completion);
}

static DEFINE_MUTEX(rcu_barrier_mutex);
static struct rcu_head rcu_barrier_heads[NR_CPUS];
static atomic_t rcu_barrier_count;
static DECLARE_COMPLETION(rcu_barrier_completion);

static void rcu_barrier_callback(struct rcu_head* head) {
  if (atomic_dec_and_test(&rcu_barrier_count)) complete(&rcu_barrier_completion);
}

// A callback behind all others of each CPU.
void rcu_barrier(void) {
  unsigned long flags;
  unsigned int cpu;

  mutex_lock(&rcu_barrier_mutex);
  reinit_completion(&rcu_barrier_completion);
  atomic_set(&rcu_barrier_count, (int)num_possible_cpus());
  raw_spin_lock_irqsave(&rcu_lock, flags);
  for_each_possible_cpu(cpu) __call_rcu(&rcu_barrier_heads[cpu], rcu_barrier_callback, cpu);
  raw_spin_unlock_irqrestore(&rcu_lock, flags);
  wait_for_completion(&rcu_barrier_completion);
  mutex_unlock(&rcu_barrier_mutex);
}

void __kfree_rcu(void* p) {
  if (!p) return;
  synchronize_rcu();
  kfree(p);
}
