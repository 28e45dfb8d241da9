// Timers in jiffies (kernel/time/timer.c): a sorted list a CPU in place of the wheel, which rounds as it
// does.
#include <linux/bug.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "gates.h"
#include "internal.h"

struct timer_base {
  struct hlist_head timers; /* the next one first */
  struct timer_list* running;
};
static struct timer_base timer_bases[NR_CPUS];
static DEFINE_RAW_SPINLOCK(timer_lock);  // of all bases, and of what timers have of their own

u64 __tick_ns(unsigned long tick) { return (tick - INITIAL_JIFFIES) * TICK_NSEC; }

// Level n of the wheel has buckets of 8^n jiffies, and holds what is at most 63 of them away; the last is
// level 8. A timer goes off at the first boundary of its level after the time that it is set for, so never
// too early.
unsigned long __wheel_tick(unsigned long expires, unsigned int* level) {
  unsigned long now = jiffies, delta = expires - now;
  unsigned int n = 0;

  *level = 0;
  if ((long)delta < 0) return now + 1;
  if (delta >= 63UL << 24) expires = now + (62UL << 24);
  while (n < 8 && delta >= 63UL << (3 * n)) n++;
  *level = n;
  return ((expires >> (3 * n)) + 1) << (3 * n);
}

static bool is_due(const struct timer_list* t) {
  return (s32)((u32)(INITIAL_JIFFIES + ktime_get_ns() / TICK_NSEC) - t->tick) >= 0;
}

static unsigned int level_of(const struct timer_list* t) { return t->flags >> TIMER_ARRAYSHIFT; }

static void run_timer_softirq(unsigned long cpu);

static void timer_program(unsigned long cpu) {
  struct hlist_node* first = timer_bases[cpu].timers.first;

  __kernel_call_cancel(run_timer_softirq, cpu);
  if (first) {
    struct timer_list* t = hlist_entry(first, struct timer_list, entry);
    unsigned long tick = jiffies;

    tick += (unsigned long)(long)(s32)(t->tick - (u32)tick);
    __kernel_call_at(__tick_ns(tick), (int)cpu, 1, run_timer_softirq, cpu);
  }
}

// Those of one tick go off by level, the longest first, and of one level the last one set first.
static void enqueue_timer(struct timer_list* t, unsigned int cpu) {
  struct hlist_head* head = &timer_bases[cpu].timers;
  struct hlist_node *at, *before = NULL;
  unsigned int level;

  t->tick = (u32)__wheel_tick(t->expires, &level);
  t->flags = (t->flags & ~TIMER_CPUMASK & ((1u << TIMER_ARRAYSHIFT) - 1)) | cpu | level << TIMER_ARRAYSHIFT;
  hlist_for_each(at, head) {
    struct timer_list* other = hlist_entry(at, struct timer_list, entry);
    s32 later = (s32)(other->tick - t->tick);

    if (later > 0 || (later == 0 && level_of(other) <= level)) break;
    before = at;
  }
  if (before)
    hlist_add_behind(&t->entry, before);
  else
    hlist_add_head(&t->entry, head);
  if (!before) timer_program(cpu);
}

static bool detach_if_pending(struct timer_list* t) {
  unsigned int cpu = t->flags & TIMER_CPUMASK;
  bool first;

  if (!timer_pending(t)) return false;
  first = timer_bases[cpu].timers.first == &t->entry;
  hlist_del_init(&t->entry);
  if (first) timer_program(cpu);
  return true;
}

static noinline void call_timer_fn(struct timer_list* t, void (*fn)(struct timer_list*)) {
  unsigned int count = preempt_count();

  fn(t);
  WARN_ONCE(count != preempt_count(), "timer: %pS preempt leak: %08x -> %08x\n", fn, count, preempt_count());
}

static noinline void __run_timers(struct timer_base* base) {
  unsigned long flags;

  raw_spin_lock_irqsave(&timer_lock, flags);
  while (base->timers.first) {
    struct timer_list* t = hlist_entry(base->timers.first, struct timer_list, entry);
    void (*fn)(struct timer_list*) = t->function;

    if (!is_due(t)) break;
    hlist_del_init(&t->entry);
    base->running = t;
    raw_spin_unlock_irqrestore(&timer_lock, flags);
    // The timer may be gone when its function returns.
    call_timer_fn(t, fn);
    raw_spin_lock_irqsave(&timer_lock, flags);
    base->running = NULL;
  }
  timer_program((unsigned long)(base - timer_bases));
  raw_spin_unlock_irqrestore(&timer_lock, flags);
}

static void run_timer_softirq(unsigned long cpu) { __run_timers(&timer_bases[cpu]); }

static bool is_running(const struct timer_list* t) {
  unsigned int cpu;

  for_each_possible_cpu(cpu) if (timer_bases[cpu].running == t) return true;
  return false;
}

enum { ANY, PENDING_ONLY, EARLIER_ONLY };

static int __mod_timer(struct timer_list* t, unsigned long expires, int which, int cpu) {
  unsigned long flags;
  int pending;

  BUG_ON(!t->function);
  raw_spin_lock_irqsave(&timer_lock, flags);
  pending = timer_pending(t);
  if ((which == PENDING_ONLY && !pending) ||
      (pending && (t->expires == expires || (which == EARLIER_ONLY && time_after_eq(expires, t->expires))))) {
    raw_spin_unlock_irqrestore(&timer_lock, flags);
    return pending;
  }
  detach_if_pending(t);
  t->expires = expires;
  // While its function runs it stays there: no timer's function runs twice at a time.
  if (timer_bases[t->flags & TIMER_CPUMASK].running == t)
    cpu = (int)(t->flags & TIMER_CPUMASK);
  else if (cpu < 0)
    cpu = (int)smp_processor_id();
  enqueue_timer(t, (unsigned int)cpu);
  raw_spin_unlock_irqrestore(&timer_lock, flags);
  return pending;
}

int mod_timer(struct timer_list* t, unsigned long expires) { return __mod_timer(t, expires, ANY, -1); }
int mod_timer_pending(struct timer_list* t, unsigned long expires) {
  return __mod_timer(t, expires, PENDING_ONLY, -1);
}
int timer_reduce(struct timer_list* t, unsigned long expires) {
  return __mod_timer(t, expires, EARLIER_ONLY, -1);
}

void add_timer(struct timer_list* t) {
  BUG_ON(timer_pending(t));
  __mod_timer(t, t->expires, ANY, -1);
}

void add_timer_on(struct timer_list* t, int cpu) {
  BUG_ON(timer_pending(t));
  __mod_timer(t, t->expires, ANY, cpu);
}

int del_timer(struct timer_list* t) {
  unsigned long flags;
  int pending;

  if (!timer_pending(t)) return 0;
  raw_spin_lock_irqsave(&timer_lock, flags);
  pending = detach_if_pending(t);
  raw_spin_unlock_irqrestore(&timer_lock, flags);
  return pending;
}

int try_to_del_timer_sync(struct timer_list* t) {
  unsigned long flags;
  int pending = -1;

  raw_spin_lock_irqsave(&timer_lock, flags);
  if (!is_running(t)) pending = detach_if_pending(t);
  raw_spin_unlock_irqrestore(&timer_lock, flags);
  return pending;
}

int del_timer_sync(struct timer_list* t) {
  int pending;

  while ((pending = try_to_del_timer_sync(t)) < 0) cpu_relax();
  return pending;
}
