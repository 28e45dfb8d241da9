/* Interrupts: interrupt.h has what there is. */
#ifndef TRAPLINE_LINUX_IRQ_H
#define TRAPLINE_LINUX_IRQ_H

#include <linux/interrupt.h>

#endif
