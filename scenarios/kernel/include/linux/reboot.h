/* Calls at the end of the system. */
#ifndef TRAPLINE_LINUX_REBOOT_H
#define TRAPLINE_LINUX_REBOOT_H

#include <linux/notifier.h>
#define SYS_DOWN 0x0001
#define SYS_RESTART SYS_DOWN
#define SYS_HALT 0x0002
#define SYS_POWER_OFF 0x0003
int register_reboot_notifier(struct notifier_block* nb);
int unregister_reboot_notifier(struct notifier_block* nb);

#endif
