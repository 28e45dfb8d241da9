/* Events of perf inside the kernel. */
#ifndef TRAPLINE_LINUX_PERF_EVENT_H
#define TRAPLINE_LINUX_PERF_EVENT_H

#include <asm/hw_breakpoint.h>
#include <asm/local64.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include_next <linux/perf_event.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/time.h>
#include <linux/types.h>
#include <linux/workqueue.h>

enum perf_event_state {
  PERF_EVENT_STATE_DEAD = -4,
  PERF_EVENT_STATE_EXIT = -3,
  PERF_EVENT_STATE_ERROR = -2,
  PERF_EVENT_STATE_OFF = -1,
  PERF_EVENT_STATE_INACTIVE = 0,
  PERF_EVENT_STATE_ACTIVE = 1,
};
struct pmu;
struct perf_event;
struct perf_sample_data {
  u64 sample_flags;
  u64 period;
  u64 addr;
  u64 ip;
  u64 type;
  u64 time;
  u64 id;
  u64 private_[9];
};
_Static_assert(sizeof(struct perf_sample_data) == 128 && offsetof(struct perf_sample_data, addr) == 16 &&
                   offsetof(struct perf_sample_data, ip) == 24,
               "the emulator writes it");
typedef void (*perf_overflow_handler_t)(struct perf_event* bp, struct perf_sample_data* data,
                                        struct pt_regs* regs);

struct hw_perf_event {
  u64 sample_period;
  u64 last_period;
  local64_t period_left;
  u64 interrupts;
  struct task_struct* target;
  union {
    struct arch_hw_breakpoint info;
    char info_space[32];
  };
};
struct perf_event {
  struct list_head event_entry;
  struct pmu* pmu;
  int state; /* enum perf_event_state */
  unsigned int attach_state;
  local64_t count;
  u64 total_time_enabled;
  u64 total_time_running;
  union {
    struct perf_event_attr attr;
    char attr_space[136];
  };
  struct hw_perf_event hw;
  int oncpu;
  int cpu;
  perf_overflow_handler_t overflow_handler;
  void* overflow_handler_context;
  u64 id;
  struct task_struct* owner;
};
_Static_assert(sizeof(struct hw_perf_event) == 72 && offsetof(struct hw_perf_event, info) == 40 &&
                   offsetof(struct hw_perf_event, target) == 32,
               "the emulator writes it");
_Static_assert(offsetof(struct perf_event, pmu) == 16 && offsetof(struct perf_event, count) == 32 &&
                   offsetof(struct perf_event, attr) == 56 && offsetof(struct perf_event, hw) == 192 &&
                   offsetof(struct perf_event, oncpu) == 264 &&
                   offsetof(struct perf_event, overflow_handler) == 272 &&
                   offsetof(struct perf_event, owner) == 296 && sizeof(struct perf_event) == 304,
               "the emulator writes it");

struct perf_event* perf_event_create_kernel_counter(struct perf_event_attr* attr, int cpu,
                                                    struct task_struct* task, perf_overflow_handler_t handler,
                                                    void* context);
int perf_event_release_kernel(struct perf_event* event);
void perf_event_enable(struct perf_event* event);
void perf_event_disable(struct perf_event* event);
void perf_event_disable_inatomic(struct perf_event* event);
u64 perf_event_read_value(struct perf_event* event, u64* enabled, u64* running);
int perf_event_read_local(struct perf_event* event, u64* value, u64* enabled, u64* running);
int perf_event_period(struct perf_event* event, u64 value);
u64 perf_event_pause(struct perf_event* event, bool reset);
void perf_event_update_userpage(struct perf_event* event);
static inline void* perf_event_context(struct perf_event* event) { return event->overflow_handler_context; }
static inline u64 perf_event_count(struct perf_event* event) { return local64_read(&event->count); }
static inline bool is_sampling_event(struct perf_event* event) { return event->attr.sample_period != 0; }
static inline bool is_write_backward(struct perf_event* event) { return event->attr.write_backward; }
static inline void perf_sample_data_init(struct perf_sample_data* data, u64 addr, u64 period) {
  *data = (struct perf_sample_data){.addr = addr, .period = period};
}

/* Handlers of Linux before 3.1 had a second argument, nmi; they are called by way of this one. */
typedef void (*__perf_nmi_handler_t)(struct perf_event* bp, int nmi, struct perf_sample_data* data,
                                     struct pt_regs* regs);
static inline void __perf_nmi_handler(struct perf_event* bp, struct perf_sample_data* data,
                                      struct pt_regs* regs) {
  ((__perf_nmi_handler_t)bp->overflow_handler_context)(bp, 0, data, regs);
}
#define __perf_handler(handler) \
  _Generic((handler), __perf_nmi_handler_t : __perf_nmi_handler, default : (handler))
#define __perf_context(handler, context) \
  _Generic((handler), __perf_nmi_handler_t : (void*)(handler), default : (context))

#endif
