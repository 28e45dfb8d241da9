/* Hardware breakpoints inside the kernel. */
#ifndef TRAPLINE_LINUX_HW_BREAKPOINT_H
#define TRAPLINE_LINUX_HW_BREAKPOINT_H

#include_next <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

static inline void hw_breakpoint_init(struct perf_event_attr* attr) {
  *attr = (struct perf_event_attr){.type = PERF_TYPE_BREAKPOINT, .size = sizeof(*attr)};
  attr->pinned = 1;
  attr->sample_period = 1;
}
static inline void ptrace_breakpoint_init(struct perf_event_attr* attr) {
  hw_breakpoint_init(attr);
  attr->exclude_kernel = 1;
}
#define DEFINE_BREAKPOINT_ATTR(name) \
  struct perf_event_attr name = {    \
      .type = PERF_TYPE_BREAKPOINT, .size = sizeof(name), .pinned = 1, .sample_period = 1}
static inline unsigned long hw_breakpoint_addr(struct perf_event* bp) { return bp->attr.bp_addr; }
static inline int hw_breakpoint_type(struct perf_event* bp) { return bp->attr.bp_type; }
static inline unsigned long hw_breakpoint_len(struct perf_event* bp) { return bp->attr.bp_len; }
static inline struct arch_hw_breakpoint* counter_arch_bp(struct perf_event* bp) { return &bp->hw.info; }

struct perf_event* register_user_hw_breakpoint(struct perf_event_attr* attr,
                                               perf_overflow_handler_t triggered, void* context,
                                               struct task_struct* tsk);
int modify_user_hw_breakpoint(struct perf_event* bp, struct perf_event_attr* attr);
int modify_user_hw_breakpoint_check(struct perf_event* bp, struct perf_event_attr* attr, bool check);
struct perf_event* __percpu* register_wide_hw_breakpoint(struct perf_event_attr* attr,
                                                         perf_overflow_handler_t triggered, void* context);
int register_perf_hw_breakpoint(struct perf_event* bp);
void unregister_hw_breakpoint(struct perf_event* bp);
void unregister_wide_hw_breakpoint(struct perf_event* __percpu* cpu_events);
int dbg_reserve_bp_slot(struct perf_event* bp);
int dbg_release_bp_slot(struct perf_event* bp);
int reserve_bp_slot(struct perf_event* bp);
void release_bp_slot(struct perf_event* bp);
int hw_breakpoint_weight(struct perf_event* bp);
int arch_reserve_bp_slot(struct perf_event* bp);
void arch_release_bp_slot(struct perf_event* bp);
int hw_breakpoint_slots(int type);
bool hw_breakpoint_is_used(void);

/* Without a context, as before Linux 3.1, and with one. */
#define __wide_2(attr, handler) __wide_3(attr, handler, NULL)
#define __wide_3(attr, handler, context) \
  (register_wide_hw_breakpoint)(attr, __perf_handler(handler), __perf_context(handler, context))
#define __user_3(attr, handler, tsk) __user_4(attr, handler, NULL, tsk)
#define __user_4(attr, handler, context, tsk) \
  (register_user_hw_breakpoint)(attr, __perf_handler(handler), __perf_context(handler, context), tsk)
#define __by_count(a, b, c, d, name, ...) name
#define register_wide_hw_breakpoint(...) __by_count(__VA_ARGS__, , __wide_3, __wide_2, )(__VA_ARGS__)
#define register_user_hw_breakpoint(...) __by_count(__VA_ARGS__, __user_4, __user_3, , )(__VA_ARGS__)

#endif
