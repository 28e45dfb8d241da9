// What becomes of a CPU's events when it goes away and when it comes back (perf_event_exit_cpu(),
// perf_event_init_cpu()).
#include "emu/kernel/perf/core.hpp"

namespace trapline::kernel {

// They leave the context of the CPU and their groups (DETACH_GROUP). What they have reserved they keep.
void PerfCore::exit_cpu(unsigned cpu) {
  PerCpu& gone = cpus_[cpu];
  PerfContext& context = cpu_contexts_[cpu];
  while (!context.events.empty()) {
    PerfEvent& event = *context.events.front();
    gone.left.emplace_back(&event, event.state);
    leave_group(event);
    remove(event, EventState::Off);
  }
  update_context_time(context);
  context.active = false;
  gone.rotation.cancel();
  gone.online = false;
}

void PerfCore::init_cpu(unsigned cpu, bool loads_registers) {
  cpus_[cpu].online = true;
  const auto left = std::exchange(cpus_[cpu].left, {});
  if (!loads_registers) return;
  for (const auto& [event, state] : left) {
    if (state >= EventState::Inactive) event->state = EventState::Inactive;
    install(*event);
  }
}

}  // namespace trapline::kernel
