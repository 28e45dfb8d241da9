// A KUnit suite that fills the breakpoint slots: of CPUs, of tasks, and of both in turns; one more
// than fits must be refused with -ENOSPC.
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/hw_breakpoint.h>
#include <linux/kthread.h>
#include <linux/module.h>

#define MOST 16

struct held {
  struct perf_event* bp[MOST];
  int n;
  int slots;
  struct task_struct* other;
};
static unsigned long target[MOST] __aligned(64);

static void nothing(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) {}

static int sleeper(void* data) {
  while (!kthread_should_stop()) schedule_timeout_interruptible(HZ);
  return 0;
}

/* Takes one more slot: of a CPU for every task, or of a task on every CPU (cpu -1) or on one. */
static int take(struct kunit* test, int cpu, struct task_struct* task) {
  struct held* held = test->priv;
  struct perf_event_attr attr;
  struct perf_event* bp;

  KUNIT_ASSERT_LT(test, held->n, MOST);
  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)&target[held->n];
  attr.bp_len = HW_BREAKPOINT_LEN_1;
  attr.bp_type = HW_BREAKPOINT_RW;
  bp = perf_event_create_kernel_counter(&attr, cpu, task, nothing, NULL);
  if (IS_ERR(bp)) return PTR_ERR(bp);
  held->bp[held->n++] = bp;
  return 0;
}

static void give_back(struct kunit* test) {
  struct held* held = test->priv;

  if (held->n) unregister_hw_breakpoint(held->bp[--held->n]);
}

static int slots_init(struct kunit* test) {
  struct held* held = kunit_kzalloc(test, sizeof(*held), GFP_KERNEL);

  if (!held) return -ENOMEM;
  test->priv = held;
  held->other = kthread_run(sleeper, NULL, "kunit_sleeper");
  if (IS_ERR(held->other)) return PTR_ERR(held->other);
  get_task_struct(held->other);
  held->slots = hw_breakpoint_slots(TYPE_DATA);
  return 0;
}

static void slots_exit(struct kunit* test) {
  struct held* held = test->priv;

  if (!held) return;
  while (held->n) give_back(test);
  if (!IS_ERR_OR_NULL(held->other)) {
    kthread_stop(held->other);
    put_task_struct(held->other);
  }
}

static void fill(struct kunit* test, int cpu, struct task_struct* task, int less) {
  struct held* held = test->priv;

  for (int i = 0; i < held->slots - less; i++) KUNIT_ASSERT_EQ(test, take(test, cpu, task), 0);
}

static void one_cpu(struct kunit* test) {
  fill(test, 0, NULL, 0);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), -ENOSPC);
  give_back(test);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), 0);
}

static void each_cpu(struct kunit* test) {
  if (num_online_cpus() < 2) kunit_skip(test, "needs two CPUs");
  fill(test, 0, NULL, 0);
  KUNIT_EXPECT_EQ(test, take(test, 1, NULL), 0);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), -ENOSPC);
}

static void one_task(struct kunit* test) {
  struct held* held = test->priv;

  fill(test, -1, current, 0);
  KUNIT_EXPECT_EQ(test, take(test, -1, current), -ENOSPC);
  KUNIT_EXPECT_EQ(test, take(test, -1, held->other), 0); /* slots are each task's own */
}

static void task_then_cpu(struct kunit* test) {
  fill(test, -1, current, 0);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), -ENOSPC);
  give_back(test);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), 0);
  KUNIT_EXPECT_EQ(test, take(test, -1, current), -ENOSPC);
}

static void task_on_one_cpu(struct kunit* test) {
  struct held* held = test->priv;

  if (num_online_cpus() < 2) kunit_skip(test, "needs two CPUs");
  fill(test, 0, current, 0);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), -ENOSPC);
  KUNIT_EXPECT_EQ(test, take(test, 1, NULL), 0);
  KUNIT_EXPECT_EQ(test, take(test, 1, current), held->slots > 1 ? 0 : -ENOSPC);
}

static void everywhere(struct kunit* test) {
  struct perf_event* __percpu* wide;
  struct perf_event_attr attr;

  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)&target[MOST - 1];
  attr.bp_len = HW_BREAKPOINT_LEN_1;
  attr.bp_type = HW_BREAKPOINT_W;
  fill(test, 0, NULL, 1);
  wide = register_wide_hw_breakpoint(&attr, nothing, NULL);
  KUNIT_ASSERT_FALSE(test, IS_ERR((void __force*)wide));
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), -ENOSPC);
  unregister_wide_hw_breakpoint(wide);
  KUNIT_EXPECT_EQ(test, take(test, 0, NULL), 0);
  wide = register_wide_hw_breakpoint(&attr, nothing, NULL);
  KUNIT_EXPECT_EQ(test, PTR_ERR((void __force*)wide), (long)-ENOSPC);
  if (!IS_ERR((void __force*)wide)) unregister_wide_hw_breakpoint(wide);
}

static struct kunit_case slots_cases[] = {KUNIT_CASE(one_cpu),
                                          KUNIT_CASE(each_cpu),
                                          KUNIT_CASE(one_task),
                                          KUNIT_CASE(task_then_cpu),
                                          KUNIT_CASE(task_on_one_cpu),
                                          KUNIT_CASE(everywhere),
                                          {}};

static struct kunit_suite slots_suite = {
    .name = "hw_breakpoint_slots", .init = slots_init, .exit = slots_exit, .test_cases = slots_cases};

kunit_test_suite(slots_suite);
MODULE_LICENSE("GPL");
