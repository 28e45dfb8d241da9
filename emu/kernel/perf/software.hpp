// Software events (PERF_TYPE_SOFTWARE): what the kernel itself counts, and time. They count in virtual time.
#pragma once

#include <array>
#include <cstdint>

#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class PerfCore;
class Scheduler;

// PERF_COUNT_SW_*: config of such an event.
enum class SoftwareEvent : std::uint8_t {
  CpuClock,
  TaskClock,
  PageFaults,
  ContextSwitches,
  CpuMigrations,
  PageFaultsMin,
  PageFaultsMaj,
  AlignmentFaults,
  EmulationFaults,
  Dummy,
  BpfOutput,
  CgroupSwitches,
};
inline constexpr std::size_t kSoftwareEvents = 12;  // PERF_COUNT_SW_MAX

class SoftwareEvents final : public Pmu {
 public:
  SoftwareEvents(PerfCore& core, Scheduler& scheduler, Timers& timers);

  // It happened, for events of the task that runs on the CPU and of the CPU itself.
  void perf_sw_event(SoftwareEvent what, const PerfOccurrence& at) {
    if (active_[static_cast<std::size_t>(what)] != 0) count(what, at);
  }

  bool count_faults() const {
    return active_[static_cast<std::size_t>(SoftwareEvent::PageFaults)] != 0 ||
           active_[static_cast<std::size_t>(SoftwareEvent::PageFaultsMin)] != 0;
  }

  std::string_view name() const override { return "software"; }
  Status event_init(PerfEvent& event) override;
  Status add(PerfEvent& event, machine::Cpu& cpu) override;
  void del(PerfEvent& event, machine::Cpu& cpu) override;
  void read(PerfEvent& event) override;
  void restart(PerfEvent& event) override;
  bool in_nmi() const override { return false; }

 private:
  void count(SoftwareEvent what, const PerfOccurrence& at);
  void start_timer(PerfEvent& event);
  void expire(PerfEvent& event);

  PerfCore& core_;
  Scheduler& scheduler_;
  Timers& timers_;
  std::array<unsigned, kSoftwareEvents> active_{};  // how many events of each kind are on a CPU
};

}  // namespace trapline::kernel
