// Is told of every trap, before and after the breakpoints' own handler by its priority, and counts.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched.h>

static int priority;
module_param(priority, int, 0444);
MODULE_PARM_DESC(priority, "The place in the chain; the greatest comes first");
static bool stop;
module_param(stop, bool, 0644);
MODULE_PARM_DESC(stop, "Whether debug traps end here");

static atomic_t calls = ATOMIC_INIT(0);

static const char* name_of(unsigned long val) {
  switch (val) {
    case DIE_OOPS:
      return "oops";
#ifdef CONFIG_X86
    case DIE_DEBUG:
      return "debug";
    case DIE_INT3:
      return "int3";
    case DIE_TRAP:
      return "trap";
    case DIE_GPF:
      return "gpf";
    case DIE_PAGE_FAULT:
      return "page fault";
#else
    case DIE_DABR_MATCH:
      return "dabr match";
    case DIE_IABR_MATCH:
      return "iabr match";
    case DIE_BPT:
      return "breakpoint";
    case DIE_SSTEP:
      return "single step";
#endif
    default:
      return "other";
  }
}

static int told(struct notifier_block* nb, unsigned long val, void* data) {
  struct die_args* args = data;

  atomic_inc(&calls);
  pr_info("%s (%s) in %s[%d] at %#lx, trap %d, error %ld\n", name_of(val), args->str ? args->str : "",
          current->comm, current->pid, instruction_pointer(args->regs), args->trapnr, args->err);
#ifdef CONFIG_X86
  if (stop && val == DIE_DEBUG) return NOTIFY_STOP;
#else
  if (stop && val == DIE_DABR_MATCH) return NOTIFY_STOP;
#endif
  return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = told};

static int __init die_notifier_init(void) {
  block.priority = priority;
  return register_die_notifier(&block);
}

static void __exit die_notifier_exit(void) {
  unregister_die_notifier(&block);
  pr_info("told %d times\n", atomic_read(&calls));
}

module_init(die_notifier_init);
module_exit(die_notifier_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Is told of traps");
