// The trace buffer (kernel/trace/trace.c).
#include <linux/kernel.h>

// Nobody reads it.
int __trace_printk(unsigned long ip, const char* fmt, ...) {
  va_list args;
  int n;

  va_start(args, fmt);
  n = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  return n;
}
