// The kernel's own chains of calls (kernel/panic.c, reboot.c, module/main.c).
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>

#include "internal.h"

ATOMIC_NOTIFIER_HEAD(panic_notifier_list);
static BLOCKING_NOTIFIER_HEAD(reboot_notifier_list);
static BLOCKING_NOTIFIER_HEAD(module_notify_list);

int register_reboot_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_register(&reboot_notifier_list, nb);
}
int unregister_reboot_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_unregister(&reboot_notifier_list, nb);
}
int register_module_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_register(&module_notify_list, nb);
}
int unregister_module_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_unregister(&module_notify_list, nb);
}

// The model tells of a module that comes (whose chain may refuse it with an error), lives, or goes.
int __module_notify(unsigned long state, struct module* mod) {
  return notifier_to_errno(blocking_notifier_call_chain(&module_notify_list, state, mod));
}

void __reboot_notify(unsigned long action, void* cmd) {
  blocking_notifier_call_chain(&reboot_notifier_list, action, cmd);
}
