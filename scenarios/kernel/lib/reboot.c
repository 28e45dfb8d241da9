// The end of the machine, or of this kernel on it (kernel/reboot.c, kernel/kexec_core.c).
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>

#include "gates.h"
#include "internal.h"

// Of reboot(2), by its command.
long __kernel_reboot(unsigned long cmd) {
  switch (cmd) {
    case 0x01234567:  // LINUX_REBOOT_CMD_RESTART
    case 0xa1b2c3d4:  // LINUX_REBOOT_CMD_RESTART2
      __reboot_notify(SYS_RESTART, NULL);
      pr_emerg("reboot: Restarting system\n");
      break;
    case 0xcdef0123:  // LINUX_REBOOT_CMD_HALT
      __reboot_notify(SYS_HALT, NULL);
      pr_emerg("reboot: System halted\n");
      break;
    case 0x4321fedc:  // LINUX_REBOOT_CMD_POWER_OFF
      __reboot_notify(SYS_POWER_OFF, NULL);
      pr_emerg("reboot: Power down\n");
      break;
    case 0x45584543:  // LINUX_REBOOT_CMD_KEXEC
      if (!__kexec_loaded()) return -EINVAL;
      __reboot_notify(SYS_RESTART, "kexec reboot");
      pr_notice("kexec_core: Starting new kernel\n");
      return __machine_kexec();
    default:
      return -EINVAL;
  }
  __machine_stop();
}
