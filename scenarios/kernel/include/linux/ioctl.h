/* Numbers of ioctls. */
#ifndef TRAPLINE_LINUX_IOCTL_H
#define TRAPLINE_LINUX_IOCTL_H

#include <asm/ioctl.h>

#endif
