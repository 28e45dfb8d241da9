/* HZ. */
#ifndef TRAPLINE_ASM_PARAM_H
#define TRAPLINE_ASM_PARAM_H

#include <linux/param.h>
#define EXEC_PAGESIZE 4096
#define MAXHOSTNAMELEN 64

#endif
