/* Places in the tree of files: fs.h has what there is. */
#ifndef TRAPLINE_LINUX_PATH_H
#define TRAPLINE_LINUX_PATH_H

#include <linux/fs.h>

#endif
