/* Calls when a trap befalls the kernel or a task. */
#ifndef TRAPLINE_LINUX_KDEBUG_H
#define TRAPLINE_LINUX_KDEBUG_H

#include <asm/kdebug.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
struct die_args {
  struct pt_regs* regs;
  const char* str;
  long err;
  int trapnr;
  int signr;
};
_Static_assert(sizeof(struct die_args) == 32, "the emulator writes it");
int register_die_notifier(struct notifier_block* nb);
int unregister_die_notifier(struct notifier_block* nb);
int notify_die(enum die_val val, const char* str, struct pt_regs* regs, long err, int trap, int sig);

#endif
