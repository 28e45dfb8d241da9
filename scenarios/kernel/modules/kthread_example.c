// A task that makes numbers and one that takes them, with a wait queue between them, a timer and a
// work item besides.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static unsigned int limit = 5;
module_param(limit, uint, 0444);

static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct task_struct *maker, *taker;
static unsigned int made, taken;

static void report(struct work_struct* work) {
  pr_info("work in %s: made %u, taken %u\n", current->comm, READ_ONCE(made), READ_ONCE(taken));
}
static DECLARE_WORK(reporter, report);

static void ring(struct timer_list* t) {
  pr_info("the timer rings, in_softirq %d\n", !!in_softirq());
  schedule_work(&reporter);
}
static DEFINE_TIMER(bell, ring);

static int make(void* data) {
  while (!kthread_should_stop() && made < limit) {
    msleep(4);
    WRITE_ONCE(made, made + 1);
    wake_up_interruptible(&queue);
  }
  while (!kthread_should_stop()) {
    set_current_state(TASK_INTERRUPTIBLE);
    if (!kthread_should_stop()) schedule();
    __set_current_state(TASK_RUNNING);
  }
  return made;
}

static int take(void* data) {
  while (!kthread_should_stop()) {
    int err = wait_event_interruptible(queue, READ_ONCE(made) > taken || kthread_should_stop());

    if (err) return err;
    while (taken < READ_ONCE(made)) pr_info("%s took %u\n", (char*)data, ++taken);
  }
  return taken;
}

static int __init kthread_example_init(void) {
  taker = kthread_run(take, "taker", "taker");
  if (IS_ERR(taker)) return PTR_ERR(taker);
  maker = kthread_run(make, NULL, "maker/%d", 0);
  if (IS_ERR(maker)) {
    kthread_stop(taker);
    return PTR_ERR(maker);
  }
  mod_timer(&bell, jiffies + msecs_to_jiffies(40));
  return 0;
}

static void __exit kthread_example_exit(void) {
  int made_in_all = kthread_stop(maker), taken_in_all = kthread_stop(taker);

  del_timer_sync(&bell);
  cancel_work_sync(&reporter);
  pr_info("made %d, taken %d\n", made_in_all, taken_in_all);
}

module_init(kthread_example_init);
module_exit(kthread_example_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Two tasks, a wait queue, a timer and a work item");
