// Breakpoints (kernel/events/hw_breakpoint.c): the model has them; this asks it.
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

enum { MOST_SLOTS = 4 };

static void not_hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) {}

// Whether as many as a CPU has can be had there: each one that somebody has, of the CPU or of any task, is
// missing.
static bool has_all_slots(int cpu) {
  struct perf_event* events[MOST_SLOTS];
  int n = 0, slots = min(hw_breakpoint_slots(TYPE_DATA), (int)MOST_SLOTS);
  static long nowhere;
  struct perf_event_attr attr;

  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)&nowhere;
  attr.bp_len = HW_BREAKPOINT_LEN_1;
  attr.bp_type = HW_BREAKPOINT_W;
  attr.disabled = 1;
  for (; n < slots; n++) {
    events[n] = perf_event_create_kernel_counter(&attr, cpu, NULL, not_hit, NULL);
    if (IS_ERR(events[n])) break;
  }
  for (int i = 0; i < n; i++) perf_event_release_kernel(events[i]);
  return n == slots;
}

bool hw_breakpoint_is_used(void) {
  int cpu;

  for_each_online_cpu(cpu) {
    if (!has_all_slots(cpu)) return true;
  }
  return false;
}
