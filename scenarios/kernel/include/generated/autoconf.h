/* The generated configuration: kconfig.h has it. */
#ifndef TRAPLINE_GENERATED_AUTOCONF_H
#define TRAPLINE_GENERATED_AUTOCONF_H

#include <linux/kconfig.h>

#endif
