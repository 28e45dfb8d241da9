// The perf core (kernel/events/core.c): makes events, keeps them in contexts, and schedules them in and out
// with their task or CPU. It knows nothing of what a PMU counts.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "emu/kernel/perf/context.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class Kernel;

// Deletes an event by taking it out of the core first.
class PerfCore;
struct ReleaseEvent {
  PerfCore* core = nullptr;
  void operator()(PerfEvent* event) const;
};
using PerfEventRef = std::unique_ptr<PerfEvent, ReleaseEvent>;

class PerfCore {
 public:
  explicit PerfCore(Kernel& kernel);

  void register_pmu(Pmu& pmu) { pmus_.push_back(&pmu); }

  // An event on `task` (on one CPU of it, or with cpu -1 on all), or with no task on `cpu`. Enabled unless
  // attr.disabled. The errors are those of the PMU; ENOENT where no PMU knows the type.
  Result<PerfEventRef> create(const PerfEventAttr& attr, Task* task, int cpu,
                              PerfEvent::OverflowHandler overflow, bool ptrace = false);

  void enable(PerfEvent& event);
  void disable(PerfEvent& event);
  void reset(PerfEvent& event) { event.count = 0; }

  struct Reading {
    std::uint64_t count = 0;
    std::uint64_t time_enabled = 0;  // nanoseconds
    std::uint64_t time_running = 0;
  };
  Reading read(PerfEvent& event);

  void sched_in(Task& task, machine::Cpu& cpu);
  void sched_out(Task& task, machine::Cpu& cpu);
  // The task is gone: its events count no more.
  void exit_task(Task& task);

  // The hardware counted `events` for an event that is on a CPU (perf_swevent_event).
  void swevent(PerfEvent& event, std::uint64_t events, const BreakpointHit& hit);

 private:
  friend struct ReleaseEvent;
  void release(PerfEvent& event);
  void event_sched_in(PerfEvent& event, machine::Cpu& cpu);
  void event_sched_out(PerfEvent& event);
  void update_time(PerfEvent& event);
  machine::Cpu* cpu_for(const PerfEvent& event);

  Kernel& kernel_;
  std::vector<Pmu*> pmus_;
  std::vector<PerfCpuContext> cpu_contexts_;
  std::uint64_t next_id_ = 1;
};

}  // namespace trapline::kernel
