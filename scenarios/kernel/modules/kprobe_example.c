// A probe at a function of the kernel, before and after its first instruction. In the way of
// Linux's samples/kprobes/kprobe_example.c.
#define pr_fmt(fmt) "%s: " fmt, __func__
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static char symbol[KSYM_NAME_LEN] = "kernel_clone";
module_param_string(symbol, symbol, KSYM_NAME_LEN, 0644);

static struct kprobe kp = {.symbol_name = symbol};

static int __kprobes handler_pre(struct kprobe* p, struct pt_regs* regs) {
#ifdef CONFIG_X86
  pr_info("<%s> p->addr = 0x%p, ip = %lx, flags = 0x%lx\n", p->symbol_name, p->addr, regs->ip, regs->flags);
#endif
#ifdef CONFIG_PPC
  pr_info("<%s> p->addr = 0x%p, nip = 0x%lx, msr = 0x%lx\n", p->symbol_name, p->addr, regs->nip, regs->msr);
#endif
  return 0;
}

static void __kprobes handler_post(struct kprobe* p, struct pt_regs* regs, unsigned long flags) {
#ifdef CONFIG_X86
  pr_info("<%s> p->addr = 0x%p, flags = 0x%lx\n", p->symbol_name, p->addr, regs->flags);
#endif
#ifdef CONFIG_PPC
  pr_info("<%s> p->addr = 0x%p, msr = 0x%lx\n", p->symbol_name, p->addr, regs->msr);
#endif
}

static int __init kprobe_init(void) {
  int ret;

  kp.pre_handler = handler_pre;
  kp.post_handler = handler_post;
  ret = register_kprobe(&kp);
  if (ret < 0) {
    pr_err("register_kprobe failed, returned %d\n", ret);
    return ret;
  }
  pr_info("Planted kprobe at %p\n", kp.addr);
  return 0;
}

static void __exit kprobe_exit(void) {
  unregister_kprobe(&kp);
  pr_info("kprobe at %p unregistered, %lu missed\n", kp.addr, kp.nmissed);
}

module_init(kprobe_init) module_exit(kprobe_exit) MODULE_LICENSE("GPL");
