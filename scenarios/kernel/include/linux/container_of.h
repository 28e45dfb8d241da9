/* container_of(). */
#ifndef TRAPLINE_LINUX_CONTAINER_OF_H
#define TRAPLINE_LINUX_CONTAINER_OF_H

#include <linux/stddef.h>
#define container_of(ptr, type, member)                                                        \
  ({                                                                                           \
    void* __inside = (void*)(ptr);                                                             \
    _Static_assert(__builtin_types_compatible_p(typeof(*(ptr)), typeof(((type*)0)->member)) || \
                       __builtin_types_compatible_p(typeof(*(ptr)), void),                     \
                   "container_of: the pointer is not of the member's type");                   \
    (type*)((char*)__inside - offsetof(type, member));                                         \
  })
#define container_of_const(ptr, type, member) container_of(ptr, type, member)

#endif
