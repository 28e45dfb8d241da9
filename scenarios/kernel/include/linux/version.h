/* The version of the kernel that is modelled: 6.1.0. */
#ifndef TRAPLINE_LINUX_VERSION_H
#define TRAPLINE_LINUX_VERSION_H

#undef LINUX_VERSION_CODE
#undef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 1, 0)
#define LINUX_VERSION_MAJOR 6
#define LINUX_VERSION_PATCHLEVEL 1
#define LINUX_VERSION_SUBLEVEL 0

#endif
