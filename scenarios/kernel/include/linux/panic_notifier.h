/* Calls at a panic. */
#ifndef TRAPLINE_LINUX_PANIC_NOTIFIER_H
#define TRAPLINE_LINUX_PANIC_NOTIFIER_H

#include <linux/notifier.h>
extern struct atomic_notifier_head panic_notifier_list;

#endif
