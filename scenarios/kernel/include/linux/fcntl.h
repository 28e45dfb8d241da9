/* Flags of open files. */
#ifndef TRAPLINE_LINUX_FCNTL_H
#define TRAPLINE_LINUX_FCNTL_H

#include_next <linux/fcntl.h>

#endif
