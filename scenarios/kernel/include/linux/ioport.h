/* Resources of devices: their type only. */
#ifndef TRAPLINE_LINUX_IOPORT_H
#define TRAPLINE_LINUX_IOPORT_H

#include <linux/types.h>
struct resource {
  resource_size_t start;
  resource_size_t end;
  const char* name;
  unsigned long flags;
};

#endif
