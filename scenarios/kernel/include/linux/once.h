/* DO_ONCE(): a call made once. */
#ifndef TRAPLINE_LINUX_ONCE_H
#define TRAPLINE_LINUX_ONCE_H

#include <linux/compiler.h>
#define DO_ONCE(func, ...)  \
  ({                        \
    static bool __done;     \
    bool __first = !__done; \
    if (__first) {          \
      __done = true;        \
      func(__VA_ARGS__);    \
    }                       \
    __first;                \
  })
#define DO_ONCE_LITE(func, ...) DO_ONCE(func, ##__VA_ARGS__)
#define DO_ONCE_LITE_IF(condition, func, ...)  \
  ({                                           \
    static bool __once_done;                   \
    bool __once_is = !!(condition);            \
    if (unlikely(__once_is && !__once_done)) { \
      __once_done = true;                      \
      func(__VA_ARGS__);                       \
    }                                          \
    unlikely(__once_is);                       \
  })

#endif
