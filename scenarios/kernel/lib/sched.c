// Sleeping and waking up (kernel/sched/core.c, kernel/time/timer.c), on top of the model's own scheduler.
#include <linux/delay.h>
#include <linux/sched.h>

#include "gates.h"
#include "internal.h"

void __set_task_state(struct task_struct* p, unsigned int state) { WRITE_ONCE(p->__state, state); }

static void __schedule(u64 ns) {
  struct task_struct* p = current;
  bool sleeps = READ_ONCE(p->__state) != TASK_RUNNING;

  if (sleeps) {
    // Whoever wakes it stores first and looks at the state then.
    smp_mb();
    if (READ_ONCE(p->notify_signal) && (READ_ONCE(p->__state) & TASK_INTERRUPTIBLE))
      __set_task_state(p, TASK_RUNNING);
    if (p->wq_worker) wq_worker_sleeping(p);
  }
  __schedule_until(ns);
  if (sleeps && p->wq_worker) wq_worker_running(p);
}

void schedule(void) { __schedule(~0ULL); }

signed long schedule_timeout(signed long timeout) {
  unsigned long expire;
  unsigned int level;
  u64 end;

  if (timeout == MAX_SCHEDULE_TIMEOUT) {
    schedule();
    return timeout;
  }
  if (timeout < 0) {
    printk(KERN_ERR "schedule_timeout: wrong timeout value %lx\n", timeout);
    dump_stack();
    __set_current_state(TASK_RUNNING);
    return 0;
  }
  expire = jiffies + (unsigned long)timeout;
  end = __tick_ns(__wheel_tick(expire, &level));
  __schedule(end);
  if (ktime_get_ns() >= end) return 0;
  timeout = (long)(expire - jiffies);
  return timeout < 0 ? 0 : timeout;
}

int wake_up_process(struct task_struct* p) {
  // What was stored before is seen by the task that wakes up, or tests its condition again.
  smp_mb();
  return wake_up_state(p, TASK_NORMAL);
}

void msleep(unsigned int ms) {
  long left = (long)msecs_to_jiffies(ms) + 1;

  while (left) left = schedule_timeout_uninterruptible(left);
}

unsigned long msleep_interruptible(unsigned int ms) {
  long left = (long)msecs_to_jiffies(ms) + 1;

  while (left && !signal_pending(current)) left = schedule_timeout_interruptible(left);
  return jiffies_to_msecs((unsigned long)left);
}

// The timer is set for the end of the range: nothing else makes it look earlier.
void usleep_range(unsigned long min, unsigned long max) {
  u64 end = ktime_get_ns() + (max > min ? max : min) * NSEC_PER_USEC;

  do {
    __set_current_state(TASK_UNINTERRUPTIBLE);
    __schedule(end);
  } while (ktime_get_ns() < end);
}

void ndelay(unsigned long ns) {
  u64 end = ktime_get_ns() + ns;

  while (ktime_get_ns() < end) cpu_relax();
}

void udelay(unsigned long us) { ndelay(us * NSEC_PER_USEC); }

void mdelay(unsigned long ms) {
  while (ms--) udelay(1000);
}
