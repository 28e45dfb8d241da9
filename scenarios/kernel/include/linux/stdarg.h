/* va_list and its macros: the compiler's. */
#ifndef TRAPLINE_LINUX_STDARG_H
#define TRAPLINE_LINUX_STDARG_H

#include <stdarg.h>

#endif
