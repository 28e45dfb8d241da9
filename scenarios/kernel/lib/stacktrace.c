// Printed stacks (kernel/stacktrace.c).
#include <linux/kernel.h>
#include <linux/stacktrace.h>

void stack_trace_print(const unsigned long* trace, unsigned int n, int spaces) {
  while (n-- > 0) printk("%*c%pS\n", spaces + 1, ' ', (void*)*trace++);
}

int stack_trace_snprint(char* buf, size_t size, const unsigned long* entries, unsigned int n, int spaces) {
  int total = 0;

  while (n-- > 0 && size > 0) {
    int generated = snprintf(buf, size, "%*c%pS\n", spaces + 1, ' ', (void*)*entries++);

    total += generated;
    if ((size_t)generated >= size) break;
    buf += generated;
    size -= (size_t)generated;
  }
  return total;
}
