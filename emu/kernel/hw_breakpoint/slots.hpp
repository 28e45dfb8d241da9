// The constraints of the breakpoint PMU: which requests fit into the breakpoint registers, whatever the
// scheduler does later.
//
// A breakpoint bound to a CPU takes a register of that CPU for good. One bound to a task takes a register of
// each CPU that it counts on, while the task runs there; two tasks never run on a CPU at once, so of the
// tasks only the one with the most breakpoints matters. A request is refused exactly where some placement of
// the tasks on the CPUs would be left without a register. It fits if, on each CPU it concerns,
//
//     breakpoints bound to the CPU + most breakpoints of any one task that may run there  <=  registers
//
// and where the request is for a task, it is that task's own number that is added. The maxima are kept as
// histograms (how many tasks hold n breakpoints), so that a request costs the same whatever the number of
// tasks and breakpoints, as in Linux since 6.1. At most it looks once at each CPU: where a task that has
// breakpoints bound to CPUs gets one that is not, or gives one back.
//
// There is one kind of slot. Linux accounts for instruction and data breakpoints apart where a processor has
// registers for each (TYPE_INST and TYPE_DATA of kernel/events/hw_breakpoint.c); x86 and PowerPC select
// CONFIG_HAVE_MIXED_BREAKPOINTS_REGS, under which both are one type: x86's registers take either, and
// PowerPC's, which are for data only, are the only ones that it has.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class Task;

class SlotConstraints {
 public:
  // `slots` of each CPU, no more than 255; with none every request is refused.
  SlotConstraints(unsigned cpus, unsigned slots);

  // At least one of the two is given. A task is known by its address alone, which therefore must not be given
  // to another one before the task's last request is released; it may have ended by then.
  struct Request {
    const Task* task = nullptr;  // null: bound to `cpu`
    int cpu = -1;                // -1: every CPU that the task runs on
  };

  // ENOSPC where it would not fit.
  Status reserve(const Request& request);
  // How many more of the same would fit.
  unsigned room(const Request& request) const;
  // Gives back one that was reserved; in any order.
  void release(const Request& request);

  unsigned slots() const { return slots_; }

 private:
  // How many holders have exactly n breakpoints, for n up to the number of slots, and the greatest such n.
  class Histogram {
   public:
    explicit Histogram(unsigned most) : holders_(most + 1) {}
    void move(unsigned from, unsigned to);
    unsigned max() const;

   private:
    std::vector<std::uint32_t> holders_;  // [0] is not kept
  };

  struct TaskCounts {
    unsigned everywhere = 0;                 // bound to no CPU
    unsigned bound = 0;                      // sum of on_cpu
    std::unique_ptr<std::uint8_t[]> on_cpu;  // bound to that CPU too; null while there are none
  };

  unsigned needed(const Request& request) const;
  void toggle(const Request& request, int direction);

  unsigned cpus_;
  unsigned slots_;
  std::vector<unsigned> cpu_pinned_;  // breakpoints bound to each CPU
  Histogram cpu_pinned_histogram_;    // over CPUs
  // A task's breakpoints that are bound to no CPU count alike on all CPUs, so one histogram does for them. On
  // the CPUs where it has others too, the histogram of the CPU has their sum, which is never the lesser.
  Histogram tasks_everywhere_;
  std::vector<Histogram> tasks_on_cpu_;
  // Only ever looked up by task, never walked: its order is another in each run.
  absl::flat_hash_map<const Task*, TaskCounts> tasks_;
};

}  // namespace trapline::kernel
