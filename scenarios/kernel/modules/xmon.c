// xmon, the debugger in PPC64's kernel (arch/powerpc/xmon/xmon.c), as far as data breakpoints go. It has DABR by itself,
// without perf, and is offered a match that is nobody else's. What a person would type, `commands` has, with semicolons between;
// `x` goes on until it is entered again. `--module 'xmon.c:commands=bdw $jiffies;x;t;bc;x'`.
#include <asm/debug.h>
#include <asm/hw_breakpoint.h>
#include <linux/cpumask.h>
#include <linux/hw_breakpoint.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#ifdef __powerpc64__

static char *commands = "";
module_param(commands, charp, 0444);

static struct {
  unsigned long address;
  int enabled; /* HW_BRK_TYPE_*; 0: free */
} dabr[HBP_NUM_MAX];

static void set_cpu_bpts(bool on) {
  int i;

  for (i = 0; i < hw_breakpoint_slots(TYPE_DATA); i++) {
    struct arch_hw_breakpoint brk = {.address = dabr[i].address, .len = 8, .hw_len = 8};

    if (!dabr[i].enabled) continue;
    if (on) brk.type = dabr[i].enabled | HW_BRK_TYPE_PRIV_ALL;
    __set_breakpoint(i, &brk);
  }
}
static void insert_cpu_bpts(void *unused) { set_cpu_bpts(true); }
static void remove_cpu_bpts(void *unused) { set_cpu_bpts(false); }

static const char *getvecname(unsigned long trap) {
  return trap == 0x300 ? "(Data Access)" : trap == 0xd00 ? "(Single Step)" : "(Program Check)";
}

static void excprint(struct pt_regs *fp) {
  printk("cpu 0x%x: Vector: %lx %s at [%px]\n", smp_processor_id(), fp->trap, getvecname(fp->trap), fp);
  printk("    pc: %016lx: %pS\n", fp->nip, (void *)fp->nip);
  printk("    lr: %016lx: %pS\n", fp->link, (void *)fp->link);
  printk("    sp: %lx\n", fp->gpr[1]);
  printk("   msr: %lx\n", fp->msr);
  if (fp->trap == 0x300) {
    printk("   dar: %lx\n", fp->dar);
    printk(" dsisr: %lx\n", fp->dsisr);
  }
  printk("  current = 0x%px\n", current);
  printk("    pid   = %d, comm = %s\n", current->pid, current->comm);
}

/* An address by number, or $symbol. */
static bool scanhex(const char *text, unsigned long *address) {
  text = skip_spaces(text);
  if (*text != '$') return kstrtoul(text, 16, address) == 0;
  *address = kallsyms_lookup_name(text + 1);
  if (!*address) printk("unknown symbol '%s'\n", text + 1);
  return *address != 0;
}

static void bd(const char *text) {
  int i, mode = HW_BRK_TYPE_DABR;

  for (i = 0; i < hw_breakpoint_slots(TYPE_DATA) && dabr[i].enabled; i++) continue;
  if (i == hw_breakpoint_slots(TYPE_DATA)) {
    printk("Couldn't find free breakpoint register\n");
    return;
  }
  if (*text == 'r') mode = HW_BRK_TYPE_TRANSLATE | HW_BRK_TYPE_READ;
  if (*text == 'w') mode = HW_BRK_TYPE_TRANSLATE | HW_BRK_TYPE_WRITE;
  if (*text == 'r' || *text == 'w') text++;
  if (!scanhex(text, &dabr[i].address)) return;
  if (dabr[i].address < 0xc000000000000000) { /* is_kernel_addr() */
    printk("Only kernel addresses are permitted for breakpoints\n");
    return;
  }
  dabr[i].address &= ~7UL;
  dabr[i].enabled = mode;
}

static void bpt_cmds(const char *text) {
  int i;

  if (*text == 'd') {
    bd(text + 1);
  } else if (*text == 'c') {
    on_each_cpu(remove_cpu_bpts, NULL, 1);
    memset(dabr, 0, sizeof(dabr));
    printk("All breakpoints cleared\n");
  } else {
    printk("   type            address\n");
    for (i = 0; i < HBP_NUM_MAX; i++)
      if (dabr[i].enabled)
        printk("   data   %016lx  [%s%s]\n", dabr[i].address, dabr[i].enabled & 1 ? "r" : "", dabr[i].enabled & 2 ? "w" : "");
  }
}

static void dump(const char *text) {
  unsigned long address;

  if (scanhex(text, &address)) print_hex_dump("", "", DUMP_PREFIX_ADDRESS, 16, 1, (void *)address, 16, true);
}

/* What is typed next; nothing more: go on. */
static void cmds(void) {
  for (;;) {
    char *command = strsep(&commands, ";");

    command = command ? strim(command) : "x";
    printk("%x:mon> %s\n", smp_processor_id(), command);
    switch (*command) {
      case 'b':
        bpt_cmds(command + 1);
        break;
      case 'd':
        dump(command + 1);
        break;
      case 't':
        dump_stack();
        break;
      case 'x':
      case 'X':
        return;
      default:
        printk("Unrecognized command: %s\n", command);
    }
  }
}

static int xmon_core(struct pt_regs *regs) {
  remove_cpu_bpts(NULL);
  if (regs) excprint(regs);
  printk("enter ? for help\n");
  cmds();
  on_each_cpu(insert_cpu_bpts, NULL, 0);
  return 1;
}

/* DABR does not say whose it is: a match is xmon's where it has any. */
static int xmon_break_match(struct pt_regs *regs) {
  int i;

  for (i = 0; i < HBP_NUM_MAX; i++)
    if (dabr[i].enabled) return xmon_core(regs);
  return 0;
}

static int __init xmon_init(void) {
  __debugger_break_match = xmon_break_match;
  if (*commands) xmon_core(NULL);
  return 0;
}

static void __exit xmon_exit(void) {
  __debugger_break_match = NULL;
  on_each_cpu(remove_cpu_bpts, NULL, 1);
}

#else

static int __init xmon_init(void) { return -ENODEV; }
static void __exit xmon_exit(void) {}

#endif

module_init(xmon_init);
module_exit(xmon_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("xmon's data breakpoints");
