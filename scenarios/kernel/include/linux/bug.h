/* BUG(), WARN() and their forms. */
#ifndef TRAPLINE_LINUX_BUG_H
#define TRAPLINE_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/once.h>
#include <linux/panic.h>
#include <linux/printk.h>

void __bug(const char* file, int line) __noreturn __cold;
/* Prints the warning's frame, then the message (fmt may be null: none) and the stack. */
__printf(3, 4) void __warn(const char* file, int line, const char* fmt, ...) __cold;

#define BUG() __bug(__FILE__, __LINE__)
#define BUG_ON(condition)           \
  do {                              \
    if (unlikely(condition)) BUG(); \
  } while (0)
#define __WARN() __warn(__FILE__, __LINE__, NULL)
#define WARN_ON(condition)                                    \
  ({                                                          \
    bool __warned = !!(condition);                            \
    if (unlikely(__warned)) __warn(__FILE__, __LINE__, NULL); \
    unlikely(__warned);                                       \
  })
#define WARN(condition, fmt...)                              \
  ({                                                         \
    bool __warned = !!(condition);                           \
    if (unlikely(__warned)) __warn(__FILE__, __LINE__, fmt); \
    unlikely(__warned);                                      \
  })
#define WARN_ON_ONCE(condition) DO_ONCE_LITE_IF(condition, __warn, __FILE__, __LINE__, NULL)
#define WARN_ONCE(condition, fmt...) DO_ONCE_LITE_IF(condition, __warn, __FILE__, __LINE__, fmt)
#define WARN_TAINT(condition, taint, fmt...) WARN(condition, fmt)
#define WARN_ON_SMP(x) WARN_ON(x)
#define VM_BUG_ON(condition) BUG_ON(condition)
#define VM_WARN_ON(condition) WARN_ON(condition)

#endif
