/* Namespaces of users: one. */
#ifndef TRAPLINE_LINUX_USER_NAMESPACE_H
#define TRAPLINE_LINUX_USER_NAMESPACE_H

#include <linux/cred.h>

#endif
