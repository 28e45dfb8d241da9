// Tasks on several CPUs add to one counter under a spin lock, and to another without it.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static unsigned int rounds = 100;
module_param(rounds, uint, 0444);

static DEFINE_SPINLOCK(lock);
static unsigned long guarded, unguarded;
static atomic_t running = ATOMIC_INIT(1);
static DECLARE_COMPLETION(all_done);

static void leave(void) {
  if (atomic_dec_and_test(&running)) complete(&all_done);
}

static int adder(void* data) {
  unsigned long flags;

  for (unsigned int i = 0; i < rounds; i++) {
    spin_lock_irqsave(&lock, flags);
    guarded++;
    spin_unlock_irqrestore(&lock, flags);
    WRITE_ONCE(unguarded, READ_ONCE(unguarded) + 1);
  }
  leave();
  return 0;
}

static int __init spinlock_counter_init(void) {
  unsigned int cpu, started = 0;

  for_each_online_cpu(cpu) {
    struct task_struct* task = kthread_create(adder, NULL, "adder/%u", cpu);

    if (IS_ERR(task)) continue;
    kthread_bind(task, cpu);
    atomic_inc(&running);
    started++;
    wake_up_process(task);
  }
  leave();
  wait_for_completion(&all_done);
  pr_info("%u tasks, %u rounds: guarded %lu%s\n", started, rounds, guarded,
          guarded == (unsigned long)started * rounds ? ", as it should be" : ", WRONG");
  pr_info("unguarded lost %lu\n", guarded - unguarded);
  return 0;
}

static void __exit spinlock_counter_exit(void) { pr_info("end\n"); }

module_init(spinlock_counter_init);
module_exit(spinlock_counter_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A counter under a spin lock");
