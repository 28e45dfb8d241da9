/* Patterns of names: *, ?, [a-z], [!a-z], and a backslash before what is meant as it is. */
#ifndef TRAPLINE_LINUX_GLOB_H
#define TRAPLINE_LINUX_GLOB_H

#include <linux/types.h>
bool glob_match(const char* pattern, const char* name);

#endif
