#include "emu/kernel/perf/core.hpp"

#include <algorithm>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

void ReleaseEvent::operator()(PerfEvent* event) const {
  core->release(*event);
  delete event;  // NOLINT(cppcoreguidelines-owning-memory): this is the deleter of PerfEventRef
}

PerfCore::PerfCore(Kernel& kernel) : kernel_(kernel), cpu_contexts_(kernel.machine().cpus()) {}

// The CPU whose hardware an enabled event should be on now, or null.
machine::Cpu* PerfCore::cpu_for(const PerfEvent& event) {
  if (event.task == nullptr) return &kernel_.machine().cpu(static_cast<unsigned>(event.cpu));
  machine::Cpu* const cpu = kernel_.cpu_of(*event.task);
  if (cpu == nullptr || (event.cpu >= 0 && cpu->index() != static_cast<unsigned>(event.cpu))) return nullptr;
  return cpu;
}

Result<PerfEventRef> PerfCore::create(const PerfEventAttr& attr, Task* task, int cpu,
                                      PerfEvent::OverflowHandler overflow, bool ptrace) {
  auto event = std::make_unique<PerfEvent>();
  event->attr = attr;
  event->task = task;
  if (task != nullptr) event->task_held = task->weak_from_this().lock();
  event->cpu = cpu;
  event->overflow_handler = std::move(overflow);
  event->ptrace = ptrace;
  Status accepted = Error{ENOENT};
  for (Pmu* const pmu : pmus_) {
    accepted = pmu->event_init(*event);
    if (accepted) event->pmu = pmu;
    if (accepted || accepted.error().number != ENOENT) break;
  }
  if (!accepted) return accepted.error();
  event->id = next_id_++;

  PerfContext& context = task != nullptr ? task->perf : cpu_contexts_[static_cast<unsigned>(cpu)];
  context.events.push_back(event.get());
  PerfEventRef created(event.release(), ReleaseEvent{this});
  if (!attr.disabled) enable(*created);
  return created;
}

void PerfCore::release(PerfEvent& event) {
  disable(event);
  if (event.task != nullptr) std::erase(event.task->perf.events, &event);
  if (event.task == nullptr && event.cpu >= 0) {
    std::erase(cpu_contexts_[static_cast<unsigned>(event.cpu)].events, &event);
  }
  if (event.pmu != nullptr) event.pmu->release(event);
}

void PerfCore::update_time(PerfEvent& event) {
  if (event.state == EventState::Off || event.state == EventState::Error) return;
  machine::Cpu* const cpu = cpu_for(event);
  if (cpu == nullptr) return;  // the time of a task's event stands still while the task does not run
  const std::uint64_t now = cpu->clock();
  event.time_enabled += now - event.time_stamp;
  if (event.state == EventState::Active) event.time_running += now - event.time_stamp;
  event.time_stamp = now;
}

void PerfCore::enable(PerfEvent& event) {
  if (event.state == EventState::Active || event.state == EventState::Inactive) return;
  event.state = EventState::Inactive;
  if (machine::Cpu* const cpu = cpu_for(event)) event_sched_in(event, *cpu);
}

void PerfCore::disable(PerfEvent& event) {
  update_time(event);
  if (event.state == EventState::Active) event_sched_out(event);
  event.state = EventState::Off;
}

PerfCore::Reading PerfCore::read(PerfEvent& event) {
  update_time(event);
  return {event.count, event.time_enabled, event.time_running};
}

void PerfCore::event_sched_in(PerfEvent& event, machine::Cpu& cpu) {
  event.time_stamp = cpu.clock();
  if (!event.pmu->add(event, cpu)) {
    // Pinned events that cannot be scheduled are in error until enabled anew (perf_event_open(2), `pinned`).
    if (event.attr.pinned) event.state = EventState::Error;
    return;
  }
  event.state = EventState::Active;
  event.on_cpu = cpu.index();
  kernel_.trace(cpu, Layer::Perf, "event_sched_in", {{"id", event.id}});
}

void PerfCore::event_sched_out(PerfEvent& event) {
  machine::Cpu& cpu = kernel_.machine().cpu(event.on_cpu);
  event.pmu->del(event, cpu);
  event.state = EventState::Inactive;
  kernel_.trace(cpu, Layer::Perf, "event_sched_out", {{"id", event.id}});
}

void PerfCore::sched_in(Task& task, machine::Cpu& cpu) {
  for (PerfEvent* const event : task.perf.events) {
    if (event->state != EventState::Inactive) continue;
    if (event->cpu >= 0 && static_cast<unsigned>(event->cpu) != cpu.index()) continue;
    event_sched_in(*event, cpu);
  }
}

void PerfCore::sched_out(Task& task, machine::Cpu& cpu) {
  for (PerfEvent* const event : task.perf.events) {
    if (event->state != EventState::Active || event->on_cpu != cpu.index()) continue;
    update_time(*event);
    event_sched_out(*event);
  }
}

void PerfCore::exit_task(Task& task) {
  for (PerfEvent* const event : task.perf.events) disable(*event);
}

void PerfCore::swevent(PerfEvent& event, std::uint64_t events, const BreakpointHit& hit) {
  event.count += events;
  kernel_.trace(hit.cpu, Layer::Perf, "perf_swevent_event", {{"id", event.id}, {"count", event.count}});
  // Without a sampling period an event only counts.
  if (event.attr.sample_period == 0 || !event.overflow_handler) return;
  event.overflow_handler(event, hit);
}

}  // namespace trapline::kernel
