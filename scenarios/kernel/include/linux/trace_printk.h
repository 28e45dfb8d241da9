/* trace_printk(): messages to the trace buffer. */
#ifndef TRAPLINE_LINUX_TRACE_PRINTK_H
#define TRAPLINE_LINUX_TRACE_PRINTK_H

#include <linux/compiler.h>
#include <linux/types.h>
__printf(2, 3) int __trace_printk(unsigned long ip, const char* fmt, ...);
#define trace_printk(fmt, ...) __trace_printk((unsigned long)__builtin_return_address(0), fmt, ##__VA_ARGS__)
#define trace_puts(str) __trace_printk((unsigned long)__builtin_return_address(0), "%s", str)
#define trace_dump_stack(skip) \
  do {                         \
  } while (0)
static inline void tracing_on(void) {}
static inline void tracing_off(void) {}
static inline int tracing_is_on(void) { return 1; }

#endif
