// Which events are on a CPU: contexts and their groups, in the order of perf_event_open(2)'s `pinned` and
// `exclusive`, and rotation where there are more than fit.
#include <algorithm>
#include <utility>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

using machine::Layer;

namespace {

constexpr std::uint64_t kRotation = kJiffy;  // perf_event_mux_interval_ms

}  // namespace

// The time of what happens on a CPU. One without work has a clock that stands still.
std::uint64_t PerfCore::clock(unsigned cpu) const {
  const std::uint64_t own = machine_.cpu(cpu).clock();
  return scheduler_.running(cpu) != nullptr ? own : std::max(own, scheduler_.now());
}

machine::Cpu* PerfCore::cpu_for(const PerfEvent& event) {
  if (event.task == nullptr) return &machine_.cpu(static_cast<unsigned>(event.cpu));
  machine::Cpu* const cpu = scheduler_.cpu_of(*event.task);
  if (cpu == nullptr || (event.cpu >= 0 && cpu->index() != static_cast<unsigned>(event.cpu))) return nullptr;
  return cpu;
}

// The context of the task that runs on a CPU, where it has events.
PerfContext* PerfCore::task_context(unsigned cpu) {
  Task* const task = scheduler_.running(cpu);
  return task != nullptr && task->perf.active ? &task->perf : nullptr;
}

// --- Time ---

void PerfCore::update_context_time(PerfContext& context) const {
  if (!context.active) return;
  const std::uint64_t now = clock(context.cpu);
  if (now <= context.time_stamp) return;
  context.time += now - context.time_stamp;
  context.time_stamp = now;
}

void PerfCore::activate(PerfContext& context, unsigned cpu) const {
  if (context.active) return;
  context.active = true;
  context.cpu = cpu;
  context.time_stamp = clock(cpu);
}

// Up to its context's time, which stands still while events come and go at once: so those that are on a CPU
// together have the same times.
void PerfCore::update_time(PerfEvent& event) {
  if (event.context == nullptr) return;
  const std::uint64_t passed = event.context->time - event.time_stamp;
  event.time_stamp = event.context->time;
  // Without its leader an event is as good as disabled.
  const EventState state = event.leader->state <= EventState::Off ? event.leader->state : event.state;
  if (state >= EventState::Inactive) event.time_enabled += passed;
  if (state == EventState::Active) event.time_running += passed;
}

void PerfCore::set_state(PerfEvent& event, EventState state) {
  if (event.state == state) return;
  update_time(event);
  const bool enabled = event.state >= EventState::Inactive;
  if (enabled != (state >= EventState::Inactive)) {
    for (PerfEvent* const sibling : event.siblings) update_time(*sibling);
  }
  event.state = state;
}

// --- Events and groups ---

bool PerfCore::event_sched_in(PerfEvent& event, machine::Cpu& cpu) {
  if (event.state <= EventState::Off) return true;
  event.on_cpu = cpu.index();
  set_state(event, EventState::Active);
  if (event.attr.sampling()) {
    event.last_period = event.sample_period;
    (void)start_period(event);
  }
  if (!event.pmu->add(event, cpu)) {
    set_state(event, EventState::Inactive);
    return false;
  }
  PerCpu& on = cpus_[cpu.index()];
  if (!event.pmu->software()) ++on.hardware_events;
  if (event.attr.exclusive) on.exclusive = true;
  if (event.attr.freq) plan_tick();
  cpu.trace(Layer::Perf, "event_sched_in", {{"id", event.id}});
  return true;
}

void PerfCore::event_sched_out(PerfEvent& event) {
  if (event.state != EventState::Active) return;
  machine::Cpu& cpu = machine_.cpu(event.on_cpu);
  event.pmu->del(event, cpu);
  set_state(event, EventState::Inactive);
  PerCpu& on = cpus_[event.on_cpu];
  if (!event.pmu->software()) --on.hardware_events;
  if (event.attr.exclusive) on.exclusive = false;
  cpu.trace(Layer::Perf, "event_sched_out", {{"id", event.id}});
}

// All of a group, or nothing.
bool PerfCore::group_sched_in(PerfEvent& leader, machine::Cpu& cpu) {
  const auto in = [&](PerfEvent* event) { return event_sched_in(*event, cpu); };
  if (in(&leader) && std::ranges::all_of(leader.siblings, in)) return true;
  group_sched_out(leader);
  return false;
}

void PerfCore::group_sched_out(PerfEvent& leader) {
  event_sched_out(leader);
  for (PerfEvent* const sibling : leader.siblings) event_sched_out(*sibling);
}

bool PerfCore::group_can_go_on(const PerfEvent& leader, unsigned cpu, bool counters_left) const {
  const auto software = [](const PerfEvent* event) { return event->pmu->software(); };
  if (software(&leader) && std::ranges::all_of(leader.siblings, software)) return true;
  if (cpus_[cpu].exclusive) return false;
  if (leader.attr.exclusive && cpus_[cpu].hardware_events != 0) return false;
  return counters_left;
}

// --- Contexts ---

void PerfCore::sched_in_groups(PerfContext& context, bool pinned, machine::Cpu& cpu) {
  bool counters_left = true;
  for (PerfEvent* const leader : pinned ? context.pinned : context.flexible) {
    if (leader->state != EventState::Inactive) continue;
    if (leader->cpu >= 0 && static_cast<unsigned>(leader->cpu) != cpu.index()) continue;
    if (group_can_go_on(*leader, cpu.index(), counters_left) && group_sched_in(*leader, cpu)) continue;
    counters_left = false;
    if (pinned) {
      // In error until enabled anew (perf_event_open(2), `pinned`).
      set_state(*leader, EventState::Error);
    } else {
      context.rotate_necessary = true;
      plan_rotation(cpu.index());
    }
  }
}

void PerfCore::sched_out_groups(PerfContext& context, bool pinned) {
  for (PerfEvent* const leader : pinned ? context.pinned : context.flexible) group_sched_out(*leader);
}

void PerfCore::sched_in(Task& task, machine::Cpu& cpu) {
  PerfContext& own = task.perf;
  PerfContext& of_cpu = cpu_contexts_[cpu.index()];
  activate(own, cpu.index());
  update_context_time(of_cpu);
  // The task's pinned groups come before what is flexible on the CPU.
  if (!own.pinned.empty()) sched_out_groups(of_cpu, false);
  sched_in_groups(own, true, cpu);
  sched_in_groups(of_cpu, false, cpu);
  sched_in_groups(own, false, cpu);
}

void PerfCore::sched_out(Task& task) {
  PerfContext& own = task.perf;
  update_context_time(own);
  sched_out_groups(own, false);
  sched_out_groups(own, true);
  own.active = false;
}

// For an event that comes: what must make way for it comes off the CPU, and all goes on again in its order
// (ctx_resched). For one that is pinned that is everything after it, for another the flexible ones of its own
// context. With this a period that was changed begins anew, too.
void PerfCore::resched(const PerfEvent& event, machine::Cpu& cpu) {
  PerfContext& of_cpu = cpu_contexts_[cpu.index()];
  PerfContext* const of_task = task_context(cpu.index());
  const bool pinned = event.leader->attr.pinned;  // of the whole group
  const bool cpu_wide = event.task == nullptr;
  update_context_time(of_cpu);
  if (of_task != nullptr) {
    update_context_time(*of_task);
    sched_out_groups(*of_task, false);
    if (pinned) sched_out_groups(*of_task, true);
  }
  if (cpu_wide || pinned) sched_out_groups(of_cpu, false);
  if (cpu_wide && pinned) sched_out_groups(of_cpu, true);
  for (const bool which : {true, false}) {
    sched_in_groups(of_cpu, which, cpu);
    if (of_task != nullptr) sched_in_groups(*of_task, which, cpu);
  }
}

// An event that was opened or enabled just now.
void PerfCore::schedule_new(PerfEvent& event) {
  machine::Cpu* const cpu = cpu_for(event);
  if (cpu == nullptr) return;
  activate(*event.context, cpu->index());
  if (event.leader->state >= EventState::Inactive) resched(event, *cpu);
}

// --- Rotation ---

void PerfCore::plan_rotation(unsigned cpu) {
  if (cpus_[cpu].rotation) return;
  cpus_[cpu].rotation = timers_.set(clock(cpu) + kRotation, [this, cpu] { rotate(cpu); });
}

// perf_rotate_context: the first flexible group that is on goes to the end of the line.
void PerfCore::rotate(unsigned index) {
  cpus_[index].rotation.cancel();
  machine::Cpu& cpu = machine_.cpu(index);
  PerfContext& of_cpu = cpu_contexts_[index];
  PerfContext* const of_task = task_context(index);
  const auto to_rotate = [](PerfContext* context) -> PerfEvent* {
    if (context == nullptr || !std::exchange(context->rotate_necessary, false)) return nullptr;
    const auto on = std::ranges::find_if(
        context->flexible, [](const PerfEvent* leader) { return leader->state == EventState::Active; });
    if (on != context->flexible.end()) return *on;
    return context->flexible.empty() ? nullptr : context->flexible.front();
  };
  PerfEvent* const task_event = to_rotate(of_task);
  PerfEvent* const cpu_event = to_rotate(&of_cpu);
  if (task_event == nullptr && cpu_event == nullptr) return;
  update_context_time(of_cpu);
  if (of_task != nullptr) update_context_time(*of_task);
  const auto to_end = [](PerfContext& context, PerfEvent& event) {
    const auto at = std::ranges::find(context.flexible, &event);
    std::rotate(at, at + 1, context.flexible.end());
  };
  if (of_task != nullptr) sched_out_groups(*of_task, false);
  if (cpu_event != nullptr) {
    sched_out_groups(of_cpu, false);
    to_end(of_cpu, *cpu_event);
    sched_in_groups(of_cpu, false, cpu);
  }
  if (task_event != nullptr) to_end(*of_task, *task_event);
  if (of_task != nullptr) sched_in_groups(*of_task, false, cpu);
}

}  // namespace trapline::kernel
