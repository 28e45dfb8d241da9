/* HZ. */
#ifndef TRAPLINE_LINUX_PARAM_H
#define TRAPLINE_LINUX_PARAM_H

#include <linux/kconfig.h>
#ifndef HZ
#define HZ CONFIG_HZ
#define USER_HZ 100
#endif

#endif
