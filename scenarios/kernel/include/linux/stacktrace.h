/* Traces of stacks. */
#ifndef TRAPLINE_LINUX_STACKTRACE_H
#define TRAPLINE_LINUX_STACKTRACE_H

#include <linux/types.h>
struct task_struct;
struct pt_regs;
unsigned int stack_trace_save(unsigned long* store, unsigned int size, unsigned int skip);
unsigned int stack_trace_save_regs(struct pt_regs* regs, unsigned long* store, unsigned int size,
                                   unsigned int skip);
unsigned int stack_trace_save_tsk(struct task_struct* task, unsigned long* store, unsigned int size,
                                  unsigned int skip);
void stack_trace_print(const unsigned long* trace, unsigned int n, int spaces);
int stack_trace_snprint(char* buf, size_t size, const unsigned long* entries, unsigned int n, int spaces);
struct stack_trace {
  unsigned int nr_entries, max_entries;
  unsigned long* entries;
  int skip;
};
static inline void save_stack_trace(struct stack_trace* t) {
  t->nr_entries = stack_trace_save(t->entries, t->max_entries, (unsigned int)t->skip);
}
#define print_stack_trace(t, spaces) stack_trace_print((t)->entries, (t)->nr_entries, spaces)

#endif
