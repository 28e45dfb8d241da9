/* Functions called later: by works. */
#ifndef TRAPLINE_LINUX_ASYNC_H
#define TRAPLINE_LINUX_ASYNC_H

#include <linux/list.h>
#include <linux/types.h>
typedef u64 async_cookie_t;
typedef void (*async_func_t)(void* data, async_cookie_t cookie);

#endif
