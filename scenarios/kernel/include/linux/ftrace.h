/* Names of the tracer; functions cannot be hooked. */
#ifndef TRAPLINE_LINUX_FTRACE_H
#define TRAPLINE_LINUX_FTRACE_H

#include <linux/kallsyms.h>
#include <linux/ptrace.h>
#include <linux/trace_printk.h>
#define CALLER_ADDR0 ((unsigned long)__builtin_return_address(0))

#endif
