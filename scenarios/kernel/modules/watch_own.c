// Watches a variable of its own on every CPU, writes it, and counts the hits of each CPU: all are of the
// one that loads the module.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/hw_breakpoint.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/smp.h>

static unsigned int writes = 3;
module_param(writes, uint, 0444);
MODULE_PARM_DESC(writes, "How often the variable is written");

static unsigned long watched __aligned(8);
static DEFINE_PER_CPU(unsigned long, hits);
static struct perf_event* __percpu* watch;

static void hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) {
  this_cpu_inc(hits);
  if (this_cpu_read(hits) == 1)
    pr_info("CPU %u: first hit, at %pS\n", smp_processor_id(), (void*)instruction_pointer(regs));
}

static noinline void write_it(void) {
  for (unsigned int i = 0; i < writes; i++) WRITE_ONCE(watched, i);
}

static int __init watch_own_init(void) {
  struct perf_event_attr attr;
  unsigned long total = 0;
  int cpu;

  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)&watched;
  attr.bp_len = HW_BREAKPOINT_LEN_8;
  attr.bp_type = HW_BREAKPOINT_W;
  watch = register_wide_hw_breakpoint(&attr, hit, NULL);
  if (IS_ERR((void __force*)watch)) return PTR_ERR((void __force*)watch);

  write_it();
  for_each_online_cpu(cpu) {
    struct perf_event* bp = *per_cpu_ptr(watch, cpu);

    pr_info("CPU %d: %lu hits, counted %llu\n", cpu, per_cpu(hits, cpu),
            perf_event_read_value(bp, &(u64){0}, &(u64){0}));
    total += per_cpu(hits, cpu);
  }
  pr_info("%lu hits of %u writes\n", total, writes);
  return 0;
}

static void __exit watch_own_exit(void) {
  unregister_wide_hw_breakpoint(watch);
  write_it();
  pr_info("gone, CPU 0 still has %lu hits\n", per_cpu(hits, 0));
}

module_init(watch_own_init);
module_exit(watch_own_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Watches a variable of the module");
