// Per-CPU variables: one of the module's own, one allocated, added to on every CPU and summed.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

struct tally {
  unsigned long calls;
  u32 last_cpu;
};
static DEFINE_PER_CPU(unsigned int, ticket) = 100;
static DEFINE_PER_CPU_SHARED_ALIGNED(struct tally, local_tally);
static struct tally __percpu* shared;

static void visit(void* info) {
  unsigned int cpu = smp_processor_id();
  struct tally* t = this_cpu_ptr(shared);

  this_cpu_add(ticket, cpu + 1);
  t->calls++;
  t->last_cpu = cpu;
  __this_cpu_inc(local_tally.calls);
}

static int __init percpu_init(void) {
  unsigned long calls = 0;
  unsigned int cpu;

  shared = alloc_percpu(struct tally);
  if (!shared) return -ENOMEM;

  on_each_cpu(visit, NULL, 1);
  smp_call_function(visit, NULL, 1);
  get_cpu_var(ticket) += 1000;
  put_cpu_var(ticket);

  for_each_possible_cpu(cpu) {
    struct tally* t = per_cpu_ptr(shared, cpu);

    if (!cpu_online(cpu)) continue;
    pr_info("CPU %u: ticket %u, %lu calls, last on %u\n", cpu, per_cpu(ticket, cpu), t->calls, t->last_cpu);
    calls += t->calls;
    WARN_ON(t->calls != per_cpu(local_tally, cpu).calls);
  }
  pr_info("%lu calls on %u CPUs\n", calls, num_online_cpus());
  return 0;
}

static void __exit percpu_exit(void) {
  free_percpu(shared);
  pr_info("freed\n");
}

module_init(percpu_init);
module_exit(percpu_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Per-CPU variables");
