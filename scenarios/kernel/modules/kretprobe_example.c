// How long a function of the kernel takes and what it returns. In the way of Linux's
// samples/kprobes/kretprobe_example.c.
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>

static char func_name[KSYM_NAME_LEN] = "kernel_clone";
module_param_string(func, func_name, KSYM_NAME_LEN, 0644);
MODULE_PARM_DESC(func, "The function whose time and result are reported");

struct entry_data {
  ktime_t entered;
};

static int entry_handler(struct kretprobe_instance* ri, struct pt_regs* regs) {
  struct entry_data* data = (struct entry_data*)ri->data;

  if (!current->mm) return 1; /* not of the kernel's own tasks */
  data->entered = ktime_get();
  return 0;
}
NOKPROBE_SYMBOL(entry_handler);

static int ret_handler(struct kretprobe_instance* ri, struct pt_regs* regs) {
  struct entry_data* data = (struct entry_data*)ri->data;
  s64 delta = ktime_to_ns(ktime_sub(ktime_get(), data->entered));

  pr_info("%s returned %lu and took %lld ns to execute\n", func_name, regs_return_value(regs),
          (long long)delta);
  return 0;
}
NOKPROBE_SYMBOL(ret_handler);

static struct kretprobe probe = {
    .handler = ret_handler,
    .entry_handler = entry_handler,
    .data_size = sizeof(struct entry_data),
    .maxactive = 20,
};

static int __init kretprobe_init(void) {
  int ret;

  probe.kp.symbol_name = func_name;
  ret = register_kretprobe(&probe);
  if (ret < 0) {
    pr_err("register_kretprobe failed, returned %d\n", ret);
    return ret;
  }
  pr_info("Planted return probe at %s: %p\n", probe.kp.symbol_name, probe.kp.addr);
  return 0;
}

static void __exit kretprobe_exit(void) {
  unregister_kretprobe(&probe);
  pr_info("kretprobe at %p unregistered\n", probe.kp.addr);
  pr_info("Missed probing %d instances of %s\n", probe.nmissed, probe.kp.symbol_name);
}

module_init(kretprobe_init) module_exit(kretprobe_exit) MODULE_LICENSE("GPL");
