/* Switches of tasks are the emulator's. */
#ifndef TRAPLINE_ASM_SWITCH_TO_H
#define TRAPLINE_ASM_SWITCH_TO_H

#include <linux/sched.h>

#endif
