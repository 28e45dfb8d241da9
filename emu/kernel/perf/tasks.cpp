// What becomes of a task's events when it forks, executes another program, or ends.
#include <algorithm>
#include <utility>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kInheriting = 100;  // cycles for each event

}  // namespace

// --- fork(2) ---

// An event of the child's, which counts for the one that was opened.
Result<PerfEvent*> PerfCore::inherit_event(PerfEvent& event, Task& child, PerfEvent* leader) {
  PerfEvent& opened = event.opened();
  Request request{opened.attr, &child, event.cpu};
  request.group = leader;
  request.overflow = opened.overflow_handler;
  request.parent = &opened;
  auto made = create(request);
  if (!made) return made.error();
  PerfEvent& inherited = **made;
  // As its parent is now, whatever it was opened as.
  if (event.state >= EventState::Inactive) inherited.state = EventState::Inactive;
  scheduler_.spend(kInheriting);
  opened.children.emplace(inherited.id, std::move(*made));
  install(inherited);
  return &inherited;
}

Status PerfCore::inherit_group(PerfEvent& leader, Task& child) {
  const auto first = inherit_event(leader, child, nullptr);
  if (!first) return first.error();
  for (PerfEvent* const sibling : leader.siblings) {
    if (const auto made = inherit_event(*sibling, child, *first); !made) return made.error();
  }
  (*first)->group_generation = leader.group_generation;
  return Done{};
}

Status PerfCore::init_task(Task& parent, Task& child, bool thread, bool clear_signal_handlers) {
  for (const auto* groups : {&parent.perf.pinned, &parent.perf.flexible}) {
    for (PerfEvent* const leader : *groups) {
      const PerfEventAttr& attr = leader->attr;
      if (!attr.inherit || (attr.inherit_thread && !thread)) continue;
      if (attr.sigtrap && clear_signal_handlers) continue;  // there is nobody to take it
      if (const Status inherited = inherit_group(*leader, child); !inherited) {
        const PerfEvents events = child.perf.events;
        for (PerfEvent* const event : events) event->parent->children.erase(event->id);
        return inherited;
      }
    }
  }
  return Done{};
}

// --- execve(2) ---

void PerfCore::exec(Task& task) {
  const PerfEvents events = task.perf.events;
  for (PerfEvent* const event : events) {
    if (!std::exchange(event->attr.enable_on_exec, false)) continue;
    enable_one(*event);
  }
  for (PerfEvent* const event : events) {
    if (event->attr.remove_on_exec) exit_event(*event);
  }
}

// --- exit(2) ---

// The event's task is gone for it. An inherited one goes, and leaves what it counted to the one that was
// opened.
void PerfCore::exit_event(PerfEvent& event) {
  PerfEvent* const opened = event.parent;
  if (opened == nullptr) {
    remove(event, EventState::Exit);
    wake_up(event);
    return;
  }
  update_context_time(*event.context);
  event_sched_out(event);
  update_time(event);
  if (event.attr.inherit_stat) output_.read(event, *event.task);
  opened->child_count += event.count;
  opened->child_time_enabled += event.time_enabled;
  opened->child_time_running += event.time_running;
  opened->children.erase(event.id);
  wake_up(*opened);
}

void PerfCore::exit_task(Task& task) {
  for (PerfEvent* const event : task.perf.owned) event->owner = nullptr;
  task.perf.owned.clear();
  if (!task.perf.empty()) sched_out(task);
  output_.exit(task);
  const PerfEvents events = task.perf.events;
  for (PerfEvent* const event : events) exit_event(*event);
}

}  // namespace trapline::kernel
