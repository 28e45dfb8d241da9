// The constraints of the breakpoint PMU: which requests fit into the breakpoint registers, whatever the
// scheduler does later.
//
// A breakpoint bound to a CPU takes a register of that CPU for good. One bound to a task takes a register of
// each CPU that it counts on, while the task runs there; two tasks never run on a CPU at once, so of the
// tasks only the one with the most breakpoints matters. A request fits if, on each CPU it concerns,
//
//     breakpoints bound to the CPU + most breakpoints of any one task that may run there  <=  registers
//
// and where the request is for a task, it is that task's own number that is added. The maxima are kept as
// histograms (how many tasks hold n breakpoints), so that a request costs the same whatever the number of
// tasks, as in Linux since 6.1.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class Task;

class SlotConstraints {
 public:
  SlotConstraints(unsigned cpus, unsigned slots);

  struct Request {
    const Task* task = nullptr;  // null: bound to `cpu`
    int cpu = -1;                // -1: every CPU that the task runs on
  };

  // ENOSPC where it would not fit.
  Status reserve(const Request& request);
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
    unsigned everywhere = 0;       // bound to no CPU
    std::vector<unsigned> on_cpu;  // bound to that CPU too; empty while there are none
    unsigned bound_anywhere = 0;   // sum of on_cpu
    unsigned on(unsigned cpu) const { return everywhere + (on_cpu.empty() ? 0 : on_cpu[cpu]); }
  };

  unsigned needed(const Request& request) const;
  void toggle(const Request& request, int direction);

  unsigned cpus_;
  unsigned slots_;
  std::vector<unsigned> cpu_pinned_;  // breakpoints bound to each CPU
  Histogram cpu_pinned_histogram_;    // over CPUs
  // Tasks without breakpoints of one CPU count alike on all CPUs, so one histogram does for them; a task that
  // has some is in the histograms of the CPUs instead.
  Histogram tasks_everywhere_;
  std::vector<Histogram> tasks_on_cpu_;
  std::unordered_map<const Task*, TaskCounts> tasks_;  // never iterated
};

}  // namespace trapline::kernel
