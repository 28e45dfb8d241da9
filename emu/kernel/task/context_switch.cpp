#include "emu/kernel/task/context_switch.hpp"

#include <utility>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/software.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

void ContextSwitch::switch_in(Task& task, machine::Cpu& cpu, const TaskIds& previous) {
  const auto index = static_cast<int>(cpu.index());
  const int last_cpu = std::exchange(task.perf.last_cpu, index);
  if (task.perf.empty() && perf_.cpu_context(cpu.index()).empty()) return;
  // The idle task made way.
  if (previous.tid == 0)
    software_.perf_sw_event(SoftwareEvent::ContextSwitches, {.cpu = cpu, .task = nullptr, .kernel = true});
  if (!task.perf.empty()) perf_.sched_in(task, cpu);
  if (last_cpu >= 0 && last_cpu != index)
    software_.perf_sw_event(SoftwareEvent::CpuMigrations, {.cpu = cpu, .task = &task, .kernel = true});
  perf_.output().context_switch(task, cpu, false, previous);
}

void ContextSwitch::switch_out(Task& task, machine::Cpu& cpu, const TaskIds& next, bool preempted) {
  if (task.perf.empty() && perf_.cpu_context(cpu.index()).empty()) return;
  software_.perf_sw_event(SoftwareEvent::ContextSwitches, {.cpu = cpu, .task = &task, .kernel = true});
  perf_.output().context_switch(task, cpu, true, next, preempted);
  if (!task.perf.empty()) perf_.sched_out(task);
}

}  // namespace trapline::kernel
