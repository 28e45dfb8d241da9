// The kernel's own chains of calls (kernel/panic.c, reboot.c, module/main.c).
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>

#include "internal.h"

ATOMIC_NOTIFIER_HEAD(panic_notifier_list);
static BLOCKING_NOTIFIER_HEAD(reboot_notifier_list);
static BLOCKING_NOTIFIER_HEAD(module_notify_list);
unsigned int __module_notifiers; /* how many: the model calls the chain where there are any */

int register_reboot_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_register(&reboot_notifier_list, nb);
}
int unregister_reboot_notifier(struct notifier_block* nb) {
  return blocking_notifier_chain_unregister(&reboot_notifier_list, nb);
}
int register_module_notifier(struct notifier_block* nb) {
  int err = blocking_notifier_chain_register(&module_notify_list, nb);

  if (!err) __module_notifiers++;
  return err;
}
int unregister_module_notifier(struct notifier_block* nb) {
  int err = blocking_notifier_chain_unregister(&module_notify_list, nb);

  if (!err) __module_notifiers--;
  return err;
}

// Of the panic's text.
void __panic_notify(const char* text) { atomic_notifier_call_chain(&panic_notifier_list, 0, (void*)text); }

// Before the system restarts, halts or is powered off (SYS_*); with the command of reboot(2), or null.
void __reboot_notify(unsigned long code, char* command) {
  blocking_notifier_call_chain(&reboot_notifier_list, code, command);
}

// The model tells of a module that comes (whose chain may refuse it with an error), lives, or goes.
int __module_notify(unsigned long state, struct module* mod) {
  int ret = NOTIFY_DONE, told = 0;

  down_read(&module_notify_list.rwsem);
  for (struct notifier_block *nb = module_notify_list.head, *next; nb && !(ret & NOTIFY_STOP_MASK);
       nb = next) {
    next = nb->next;
    ret = nb->notifier_call(nb, state, mod);
    told++;
  }
  // Those that had been told before one refuses it are told that it goes.
  if (state == MODULE_STATE_COMING && (ret & NOTIFY_STOP_MASK))
    for (struct notifier_block* nb = module_notify_list.head; nb && --told > 0; nb = nb->next)
      nb->notifier_call(nb, MODULE_STATE_GOING, mod);
  up_read(&module_notify_list.rwsem);
  return notifier_to_errno(ret);
}
