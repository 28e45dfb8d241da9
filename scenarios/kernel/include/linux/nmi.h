/* The watchdog: there is none. */
#ifndef TRAPLINE_LINUX_NMI_H
#define TRAPLINE_LINUX_NMI_H

#include <linux/sched.h>
#define touch_nmi_watchdog() \
  do {                       \
  } while (0)
#define touch_softlockup_watchdog() \
  do {                              \
  } while (0)

#endif
