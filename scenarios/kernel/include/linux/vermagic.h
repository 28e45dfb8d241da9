/* The magic string of modules. */
#ifndef TRAPLINE_LINUX_VERMAGIC_H
#define TRAPLINE_LINUX_VERMAGIC_H

#include <generated/utsrelease.h>
#define VERMAGIC_STRING UTS_RELEASE " SMP mod_unload "

#endif
