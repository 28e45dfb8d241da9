#include "emu/kernel/task/cpu_hotplug.hpp"

#include <bit>
#include <cerrno>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/kernel/task/task_table.hpp"

namespace trapline::kernel {

bool CpuHotplug::hotpluggable(unsigned cpu) const {
  return cpu < uses_.machine.cpus() && (cpu != 0 || uses_.machine.isa() != isa::Isa::X86_64);
}

Status CpuHotplug::down(unsigned cpu) {
  if (!uses_.scheduler.online(cpu)) return Done{};
  if (std::has_single_bit(uses_.scheduler.online_mask()))
    return refused(EBUSY, "", "it is the last CPU that is online");
  perf_exit(cpu);
  take_cpu_down(cpu, nullptr);
  return Done{};
}

void CpuHotplug::up(unsigned cpu) {
  if (uses_.scheduler.online(cpu)) return;
  bringup_cpu(cpu);
  perf_init(cpu);
}

void CpuHotplug::perf_exit(unsigned cpu) { uses_.perf.exit_cpu(cpu); }
void CpuHotplug::perf_init(unsigned cpu) { uses_.perf.init_cpu(cpu, uses_.loads_registers); }

void CpuHotplug::take_cpu_down(unsigned cpu, const Task* by) {
  trace(cpu, "take_cpu_down");
  uses_.scheduler.take_offline(cpu, by);
}

// Threads that belong to the CPU come back to it.
void CpuHotplug::bringup_cpu(unsigned cpu) {
  uses_.scheduler.bring_online(cpu);
  trace(cpu, "bringup_cpu");
  for (const auto& [tid, task] : uses_.tasks.all()) {
    if (task->bound_cpu == cpu && task->alive()) uses_.scheduler.set_affinity(*task, std::uint64_t{1} << cpu);
  }
}

// By the CPU that does it, whose time it is.
void CpuHotplug::trace(unsigned cpu, const char* what) {
  const unsigned by = uses_.scheduler.active_cpu().value_or(0);
  uses_.machine.cpu(by).trace(machine::Layer::Task, what, {{"which", std::int64_t{cpu}}});
}

}  // namespace trapline::kernel
