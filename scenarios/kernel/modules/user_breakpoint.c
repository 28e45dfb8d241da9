// Watches an address of one task: pid, address, length and kind of access are parameters.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/hw_breakpoint.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/sched/task.h>

static int pid;
module_param(pid, int, 0444);
MODULE_PARM_DESC(pid, "The task");
static unsigned long address;
module_param(address, ulong, 0444);
MODULE_PARM_DESC(address, "The address in the task");
static unsigned int length = HW_BREAKPOINT_LEN_4;
module_param(length, uint, 0444);
static char* access = "w";
module_param(access, charp, 0444);
MODULE_PARM_DESC(access, "w, rw or x");

static struct perf_event* bp;
static atomic_t hits = ATOMIC_INIT(0);

static void hit(struct perf_event* event, struct perf_sample_data* data, struct pt_regs* regs) {
  pr_info("%s[%d]: hit %d at %#lx from %#lx, %s mode\n", current->comm, task_pid_nr(current),
          atomic_inc_return(&hits), counter_arch_bp(event)->address, instruction_pointer(regs),
          user_mode(regs) ? "user" : "kernel");
}

static int __init user_breakpoint_init(void) {
  struct perf_event_attr attr;
  struct pid* ref = find_get_pid(pid);
  struct task_struct* task = get_pid_task(ref, PIDTYPE_PID);

  put_pid(ref);
  if (!task) {
    pr_err("no task %d\n", pid);
    return -ESRCH;
  }
  ptrace_breakpoint_init(&attr);
  attr.bp_addr = address;
  attr.bp_len = length;
  attr.bp_type = !strcmp(access, "x")    ? HW_BREAKPOINT_X
                 : !strcmp(access, "rw") ? HW_BREAKPOINT_RW
                                         : HW_BREAKPOINT_W;
  if (attr.bp_type == HW_BREAKPOINT_X) attr.bp_len = sizeof(long);

  bp = register_user_hw_breakpoint(&attr, hit, NULL, task);
  if (IS_ERR(bp))
    pr_err("registration failed: %ld\n", PTR_ERR(bp));
  else
    pr_info("watching %#lx of %s[%d]\n", address, task->comm, pid);
  put_task_struct(task);
  return PTR_ERR_OR_ZERO(bp);
}

static void __exit user_breakpoint_exit(void) {
  unregister_hw_breakpoint(bp);
  pr_info("%d hits\n", atomic_read(&hits));
}

module_init(user_breakpoint_init);
module_exit(user_breakpoint_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Watches an address of one task");
