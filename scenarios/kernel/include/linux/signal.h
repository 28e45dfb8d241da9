/* Signals' numbers. */
#ifndef TRAPLINE_LINUX_SIGNAL_H
#define TRAPLINE_LINUX_SIGNAL_H

#include <linux/signal_types.h>

#endif
