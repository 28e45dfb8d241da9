/* Names of the tracer; functions cannot be hooked. */
#ifndef TRAPLINE_LINUX_FTRACE_H
#define TRAPLINE_LINUX_FTRACE_H

#include <linux/kallsyms.h>
#include <linux/ptrace.h>
#include <linux/trace_printk.h>
/* Where a function is hooked: at its beginning. */
static inline unsigned long ftrace_location_range(unsigned long start, unsigned long end) {
  unsigned long offset = 1;
  return kallsyms_lookup_size_offset(start, NULL, &offset) && !offset ? start : 0;
}
static inline unsigned long ftrace_location(unsigned long ip) { return ftrace_location_range(ip, ip); }
#define CALLER_ADDR0 ((unsigned long)__builtin_return_address(0))

#endif
