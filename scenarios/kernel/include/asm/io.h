/* Access to devices' memory. */
#ifndef TRAPLINE_ASM_IO_H
#define TRAPLINE_ASM_IO_H

#include <linux/io.h>

#endif
