/* Static keys: jump_label.h has them. */
#ifndef TRAPLINE_LINUX_STATIC_KEY_H
#define TRAPLINE_LINUX_STATIC_KEY_H

#include <linux/jump_label.h>

#endif
