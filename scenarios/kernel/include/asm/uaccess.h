/* Access to users' memory. */
#ifndef TRAPLINE_ASM_UACCESS_H
#define TRAPLINE_ASM_UACCESS_H

#include <linux/uaccess.h>

#endif
