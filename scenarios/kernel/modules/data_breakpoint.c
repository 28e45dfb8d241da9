// Watches a variable of the kernel, named by the parameter ksym, on every CPU, and shows who writes
// it. In the way of Linux's samples/hw_breakpoint/data_breakpoint.c.
#include <linux/hw_breakpoint.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/perf_event.h>

static struct perf_event* __percpu* watch;

static char ksym_name[KSYM_NAME_LEN] = "jiffies";
module_param_string(ksym, ksym_name, KSYM_NAME_LEN, 0444);
MODULE_PARM_DESC(ksym, "The symbol whose writes are reported");

static void written(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) {
  pr_info("%s value is changed\n", ksym_name);
  dump_stack();
  pr_info("Dump stack from %s\n", __func__);
}

static int __init watch_init(void) {
  struct perf_event_attr attr;
  void* address = __symbol_get(ksym_name);

  if (!address) {
    pr_err("%s: no such symbol\n", ksym_name);
    return -ENXIO;
  }
  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)address;
  attr.bp_len = HW_BREAKPOINT_LEN_1;
  attr.bp_type = HW_BREAKPOINT_W;

  watch = register_wide_hw_breakpoint(&attr, written, NULL);
  if (IS_ERR((void __force*)watch)) {
    int err = PTR_ERR((void __force*)watch);

    pr_err("Breakpoint registration failed: %d\n", err);
    __symbol_put(ksym_name);
    return err;
  }
  pr_info("HW Breakpoint for %s write installed\n", ksym_name);
  return 0;
}

static void __exit watch_exit(void) {
  unregister_wide_hw_breakpoint(watch);
  __symbol_put(ksym_name);
  pr_info("HW Breakpoint for %s write uninstalled\n", ksym_name);
}

module_init(watch_init);
module_exit(watch_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Reports writes of a kernel symbol");
