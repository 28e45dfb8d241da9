/* Checks at compile time. */
#ifndef TRAPLINE_LINUX_BUILD_BUG_H
#define TRAPLINE_LINUX_BUILD_BUG_H

#include <linux/compiler.h>
#define BUILD_BUG_ON_ZERO(e) ((int)(sizeof(struct { int : (-!!(e)); })))
#define BUILD_BUG_ON_MSG(condition, message)                           \
  do {                                                                 \
    extern void __build_bug(void) __attribute__((__error__(message))); \
    if (condition) __build_bug();                                      \
  } while (0)
#define BUILD_BUG_ON(condition) BUILD_BUG_ON_MSG(condition, "BUILD_BUG_ON: " #condition)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n)-1)) != 0))
#define BUILD_BUG_ON_INVALID(e) ((void)(sizeof((long)(e))))
#define BUILD_BUG() BUILD_BUG_ON_MSG(1, "BUILD_BUG")
#define __static_assert_message(condition, message, ...) _Static_assert(condition, message)
#define static_assert(condition, ...) __static_assert_message(condition, ##__VA_ARGS__, #condition)

#endif
