// Timers in nanoseconds (kernel/time/hrtimer.c), which go off in hard interrupts, or in soft ones if they are
// made so.
#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/time.h>

#include "gates.h"

struct hrtimer_cpu_base {
  struct list_head queue; /* the next one first */
  struct hrtimer* running;
};
static struct hrtimer_cpu_base hrtimer_bases[NR_CPUS][2];  // hard, soft
static DEFINE_RAW_SPINLOCK(hrtimer_lock);  // of all bases, and of what timers have of their own

static void hrtimer_interrupt(unsigned long cpu);
static void hrtimer_run_softirq(unsigned long cpu);

static struct hrtimer_cpu_base* hrtimer_base_of(int cpu, unsigned int soft) {
  struct hrtimer_cpu_base* base = &hrtimer_bases[cpu][soft];

  if (!base->queue.next) INIT_LIST_HEAD(&base->queue);
  return base;
}

static ktime_t real_offset(void) {
  u64 real = ktime_get_real_ns();

  return (ktime_t)(real - ktime_get_ns());
}

static bool hrtimer_is_real(const struct hrtimer* t) {
  return t->clock == CLOCK_REALTIME || t->clock == CLOCK_TAI;
}
ktime_t __hrtimer_now(const struct hrtimer* t) { return hrtimer_is_real(t) ? ktime_get_real() : ktime_get(); }

static void hrtimer_reprogram(int cpu, unsigned int soft) {
  struct hrtimer_cpu_base* base = hrtimer_base_of(cpu, soft);
  void (*interrupt)(unsigned long) = soft ? hrtimer_run_softirq : hrtimer_interrupt;

  __kernel_call_cancel(interrupt, (unsigned long)cpu);
  if (!list_empty(&base->queue))
    __kernel_call_at(list_first_entry(&base->queue, struct hrtimer, node)->due, cpu, (int)soft, interrupt,
                     (unsigned long)cpu);
}

// True: it is the next one.
static bool enqueue_hrtimer(struct hrtimer* t, int cpu) {
  struct hrtimer_cpu_base* base = hrtimer_base_of(cpu, t->is_soft);
  ktime_t due = hrtimer_is_real(t) ? t->expires - real_offset() : t->expires;
  struct list_head* at = base->queue.next;

  t->due = due < 0 ? 0 : (u64)due;
  t->cpu = cpu;
  t->state = 1;
  while (at != &base->queue && list_entry(at, struct hrtimer, node)->due <= t->due) at = at->next;
  list_add_tail(&t->node, at);
  return base->queue.next == &t->node;
}

static bool remove_hrtimer(struct hrtimer* t) {
  bool first;

  if (!t->state) return false;
  first = hrtimer_base_of(t->cpu, t->is_soft)->queue.next == &t->node;
  list_del(&t->node);
  t->state = 0;
  if (first) hrtimer_reprogram(t->cpu, t->is_soft);
  return true;
}

static noinline void __hrtimer_run_queues(int cpu, unsigned int soft) {
  struct hrtimer_cpu_base* base;
  unsigned long flags;
  u64 now;

  raw_spin_lock_irqsave(&hrtimer_lock, flags);
  base = hrtimer_base_of(cpu, soft);
  now = ktime_get_ns();
  while (!list_empty(&base->queue)) {
    struct hrtimer* t = list_first_entry(&base->queue, struct hrtimer, node);
    enum hrtimer_restart restart;

    if (t->due > now) break;
    list_del(&t->node);
    t->state = 0;
    base->running = t;
    raw_spin_unlock_irqrestore(&hrtimer_lock, flags);
    restart = t->function(t);
    raw_spin_lock_irqsave(&hrtimer_lock, flags);
    // Where it is not to go on, the timer may be gone.
    if (restart != HRTIMER_NORESTART && !t->state) enqueue_hrtimer(t, cpu);
    base->running = NULL;
  }
  hrtimer_reprogram(cpu, soft);
  raw_spin_unlock_irqrestore(&hrtimer_lock, flags);
}

static void hrtimer_interrupt(unsigned long cpu) { __hrtimer_run_queues((int)cpu, 0); }
static void hrtimer_run_softirq(unsigned long cpu) { __hrtimer_run_queues((int)cpu, 1); }

void hrtimer_init(struct hrtimer* t, clockid_t clock, enum hrtimer_mode mode) {
  *t = (struct hrtimer){.clock = clock, .is_soft = (mode & HRTIMER_MODE_SOFT) != 0};
}

static bool hrtimer_is_running(const struct hrtimer* t) {
  return hrtimer_bases[t->cpu][t->is_soft].running == t;
}

void hrtimer_start(struct hrtimer* t, ktime_t when, enum hrtimer_mode mode) {
  unsigned long flags;
  int cpu;

  raw_spin_lock_irqsave(&hrtimer_lock, flags);
  remove_hrtimer(t);
  if ((mode & HRTIMER_MODE_REL) && __builtin_add_overflow(when, __hrtimer_now(t), &when)) when = KTIME_MAX;
  t->expires = when;
  // While its function runs it stays there, so that it does not run twice at a time.
  cpu = hrtimer_is_running(t) ? t->cpu : (int)smp_processor_id();
  if (enqueue_hrtimer(t, cpu)) hrtimer_reprogram(cpu, t->is_soft);
  raw_spin_unlock_irqrestore(&hrtimer_lock, flags);
}

bool hrtimer_callback_running(struct hrtimer* t) { return hrtimer_is_running(t); }

bool hrtimer_active(const struct hrtimer* t) {
  unsigned long flags;
  bool active;

  raw_spin_lock_irqsave(&hrtimer_lock, flags);
  active = t->state || hrtimer_is_running(t);
  raw_spin_unlock_irqrestore(&hrtimer_lock, flags);
  return active;
}

int hrtimer_try_to_cancel(struct hrtimer* t) {
  unsigned long flags;
  int was = -1;

  raw_spin_lock_irqsave(&hrtimer_lock, flags);
  if (!hrtimer_is_running(t)) was = remove_hrtimer(t);
  raw_spin_unlock_irqrestore(&hrtimer_lock, flags);
  return was;
}

int hrtimer_cancel(struct hrtimer* t) {
  int was;

  while ((was = hrtimer_try_to_cancel(t)) < 0) cpu_relax();
  return was;
}
