/* What context the code runs in. */
#ifndef TRAPLINE_LINUX_HARDIRQ_H
#define TRAPLINE_LINUX_HARDIRQ_H

#include <linux/preempt.h>
#define synchronize_irq(irq) \
  do {                       \
    (void)(irq);             \
  } while (0)

#endif
