/* Units of time. */
#ifndef TRAPLINE_VDSO_TIME64_H
#define TRAPLINE_VDSO_TIME64_H

#include <linux/time64.h>

#endif
