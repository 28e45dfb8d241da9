/* Names of errors. */
#ifndef TRAPLINE_LINUX_ERRNAME_H
#define TRAPLINE_LINUX_ERRNAME_H

#include <linux/err.h>
static inline const char* errname(int err) { return NULL; }

#endif
