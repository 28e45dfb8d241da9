/* Vectors of buffers. */
#ifndef TRAPLINE_LINUX_UIO_H
#define TRAPLINE_LINUX_UIO_H

#include <linux/types.h>
#include_next <linux/uio.h>

#endif
