/* Bounds of the kernel's parts. */
#ifndef TRAPLINE_LINUX_SECTIONS_H
#define TRAPLINE_LINUX_SECTIONS_H

#include <asm/sections.h>

#endif
