/* Tables of devices: none are read. */
#ifndef TRAPLINE_LINUX_MOD_DEVICETABLE_H
#define TRAPLINE_LINUX_MOD_DEVICETABLE_H

#include <linux/types.h>

#endif
