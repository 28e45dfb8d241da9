#include "emu/kernel/perf/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emu/kernel/perf/ring_buffer.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kEach = 10;  // cycles for each event of many

void forget(PerfEvents& events, const PerfEvent& event) {
  const auto at = std::ranges::find(events, &event);
  if (at != events.end()) events.erase(at);
}

Status no_pmu(std::uint32_t type) {
  if (type == kPerfTypeBreakpoint) {
    return refused(
        ENOENT, "bp_type",
        "this machine has no breakpoint registers to use, and so no breakpoint PMU, as a Linux without "
        "CONFIG_HAVE_HW_BREAKPOINT");
  }
  return refused(ENOENT, "type", [type] {
    return fmt::format(
        "no PMU of this machine counts events of type {} or of this config; there are software "
        "events (1) and breakpoints (5)",
        type);
  });
}

}  // namespace

void ReleaseEvent::operator()(PerfEvent* event) const {
  core->release(*event);
  delete event;  // NOLINT(cppcoreguidelines-owning-memory): this is the deleter of PerfEventRef
}

PerfCore::PerfCore(const PerfEnvironment& environment)
    : machine_(environment.scheduler.machine()),
      scheduler_(environment.scheduler),
      timers_(environment.timers),
      arch_(environment.arch),
      upcalls_(environment.upcalls),
      output_(*this, environment),
      cpu_contexts_(machine_.cpus()),
      cpus_(machine_.cpus()) {
  for (unsigned cpu = 0; cpu < cpu_contexts_.size(); ++cpu) cpu_contexts_[cpu].cpu = cpu;
}

// --- Life ---

Result<PerfEventRef> PerfCore::create(const Request& request) {
  const PerfEventAttr& attr = request.attr;
  machine::PhysicalMemory& memory = machine_.memory();
  if (!memory.can_charge(PerfEvent::kFootprint))
    return refused(ENOMEM, "", "the machine's memory is used up");
  PerfEventRef event(new PerfEvent, ReleaseEvent{this});
  event->charge.emplace(memory, PerfEvent::kFootprint);
  event->attr = attr;
  if ((attr.sample_type & kSampleBranchStack) == 0) event->attr.branch_sample_type = 0;
  event->task = request.task;
  if (request.task != nullptr) event->task_held = request.task->weak_from_this().lock();
  event->cpu = request.cpu;
  event->overflow_handler = request.overflow;
  event->ptrace = request.ptrace;
  event->parent = request.parent;
  if (request.group != nullptr) event->leader = request.group;
  // A frequency is reached from a period of 1 on.
  event->sample_period = attr.freq && attr.sampling() ? 1 : attr.sample_period;
  if (request.parent != nullptr && attr.freq) event->sample_period = request.parent->sample_period;
  event->last_period = event->sample_period;
  event->period_left = static_cast<std::int64_t>(event->sample_period);
  // What read(2) of a group's sample tells would be of all tasks together.
  if (attr.inherit && (attr.sample_type & kSampleRead) != 0) {
    return refused(
        EINVAL, "inherit",
        "a sample with PERF_SAMPLE_READ tells what one task counted, and an inherited event counts for "
        "several");
  }
  Status accepted = no_pmu(attr.type);
  for (Pmu* const pmu : pmus_) {
    accepted = pmu->event_init(*event);
    if (accepted) event->pmu = pmu;
    if (accepted || accepted.error().number != ENOENT) break;
    accepted = no_pmu(attr.type);
  }
  if (!accepted) return accepted.error();
  if (attr.aux_output)
    return refused(EOPNOTSUPP, "aux_output", "no event of this machine fills an auxiliary buffer");
  if ((arch_.perf_extended_regs() & (attr.sample_regs_user | attr.sample_regs_intr)) != 0) {
    return refused(EOPNOTSUPP, "sample_regs_user",
                   "the extended registers are for PMUs of hardware (PERF_PMU_CAP_EXTENDED_REGS)");
  }
  event->id = next_id_++;
  return event;
}

PerfContext& PerfCore::context_of(const PerfEvent& event) {
  return event.task != nullptr ? event.task->perf : cpu_contexts_[static_cast<unsigned>(event.cpu)];
}

void PerfCore::install(PerfEvent& event) {
  PerfContext& context = context_of(event);
  if (event.task == nullptr) activate(context, context.cpu);
  update_context_time(context);
  context.events.push_back(&event);
  event.context = &context;
  event.time_stamp = context.time;
  if (event.group_leader()) {
    (event.attr.pinned ? context.pinned : context.flexible).push_back(&event);
  } else {
    event.leader->siblings.push_back(&event);
    event.in_group = true;
    ++event.leader->group_generation;
  }
  if (event.state == EventState::Inactive) schedule_new(event);
}

Result<PerfEventRef> PerfCore::open(const Request& request) {
  auto event = create(request);
  if (!event) return event;
  if (request.task == nullptr && !online(static_cast<unsigned>(request.cpu)))
    return refused(ENODEV, "cpu", "that CPU is offline");
  if (!request.attr.disabled) (*event)->state = EventState::Inactive;
  install(**event);
  return event;
}

// perf_group_detach: a leader's siblings are groups of their own now, and stay where they are.
void PerfCore::leave_group(PerfEvent& event) {
  if (!event.group_leader()) {
    // One that was refused never joined: its group is as it was.
    if (std::exchange(event.in_group, false)) {
      std::erase(event.leader->siblings, &event);
      ++event.leader->group_generation;
    }
    event.leader = &event;
    return;
  }
  for (PerfEvent* const sibling : std::exchange(event.siblings, {})) {
    sibling->leader = sibling;
    sibling->in_group = false;
    if (sibling->context == nullptr) continue;
    sibling->context->flexible.push_back(sibling);
  }
}

// Out of its context, for good. What is left of its group stays one.
void PerfCore::remove(PerfEvent& event, EventState state) {
  if (event.context == nullptr) return;
  PerfContext& context = *event.context;
  update_context_time(context);
  event_sched_out(event);
  update_time(event);
  for (PerfEvent* const sibling : event.siblings) update_time(*sibling);
  if (event.group_leader()) forget(event.attr.pinned ? context.pinned : context.flexible, event);
  forget(context.events, event);
  event.context = nullptr;
  // Error stays, so that read(2) goes on to tell.
  if (event.state > EventState::Off || state < event.state) event.state = state;
}

void PerfCore::release(PerfEvent& event) {
  if (closing_ && event.id != 0 && event.parent == nullptr) closing_(event);
  event.children.clear();
  remove(event, EventState::Off);
  if (event.task == nullptr && event.cpu >= 0)
    std::erase_if(cpus_[static_cast<unsigned>(event.cpu)].left,
                  [&event](const auto& left) { return left.first == &event; });
  leave_group(event);
  if (event.owner != nullptr) forget(event.owner->perf.owned, event);
  set_buffer(event, nullptr);
  event.timer.cancel();
  if (event.pmu != nullptr) event.pmu->release(event);
}

// --- Control ---

void PerfCore::enable_one(PerfEvent& event) {
  if (event.state >= EventState::Inactive || event.state < EventState::Error || event.context == nullptr)
    return;
  update_context_time(*event.context);
  event.state = EventState::Off;
  set_state(event, EventState::Inactive);
  if (event.group_leader() || event.leader->state == EventState::Active) schedule_new(event);
}

void PerfCore::disable_one(PerfEvent& event) {
  if (event.state <= EventState::Off) return;
  update_context_time(*event.context);
  if (event.group_leader())
    group_sched_out(event);
  else
    event_sched_out(event);
  set_state(event, EventState::Off);
}

void PerfCore::for_children(PerfEvent& event, const std::function<void(PerfEvent&)>& action) {
  scheduler_.spend(kEach * event.children.size());
  action(event);
  for (const auto& [id, child] : event.children) action(*child);
}

void PerfCore::for_group(PerfEvent& event, const std::function<void(PerfEvent&)>& action) {
  PerfEvent& leader = *event.leader;
  action(leader);
  const std::vector<PerfEvent*> siblings = leader.siblings;
  scheduler_.spend(kEach * siblings.size());
  for (PerfEvent* const sibling : siblings) action(*sibling);
}

void PerfCore::enable(PerfEvent& event) {
  for_children(event, [this](PerfEvent& one) { enable_one(one); });
}

void PerfCore::disable(PerfEvent& event) {
  for_children(event, [this](PerfEvent& one) { disable_one(one); });
}

void PerfCore::reset(PerfEvent& event) {
  for_children(event, [this](PerfEvent& one) {
    if (one.state == EventState::Active) one.pmu->read(one);
    one.count = 0;
    update_user_page(one);
  });
}

void PerfCore::refresh(PerfEvent& event, std::int32_t more) {
  (void)__builtin_add_overflow(event.limit, more, &event.limit);  // it wraps, as an atomic_t does
  enable_one(event);
}

void PerfCore::set_period(PerfEvent& event, std::uint64_t period) {
  event.attr.sample_period = period;
  if (!event.attr.freq) event.sample_period = period;
  event.period_left = 0;
  if (event.state == EventState::Active) event.pmu->restart(event);
}

// --- Reading ---

PerfCore::Reading PerfCore::read(PerfEvent& event) {
  Reading total{event.child_count, event.child_time_enabled, event.child_time_running};
  for_children(event, [&](PerfEvent& one) {
    if (one.state == EventState::Active) one.pmu->read(one);
    if (one.context != nullptr) update_context_time(*one.context);
    update_time(one);
    total.count += one.count;
    total.time_enabled += one.time_enabled;
    total.time_running += one.time_running;
  });
  return total;
}

bool PerfCore::same_groups(const PerfEvent& leader) {
  return std::ranges::all_of(leader.children, [&](const auto& child) {
    const PerfEvent& inherited = *child.second;
    return inherited.group_generation == leader.group_generation &&
           inherited.siblings.size() == leader.siblings.size();
  });
}

std::vector<std::uint64_t> PerfCore::read_values(PerfEvent& event) {
  const std::uint64_t format = event.attr.read_format;
  const bool group = (format & kFormatGroup) != 0;
  PerfEvent& first = group ? *event.leader : event;
  const Reading reading = read(first);
  std::vector<std::uint64_t> values;
  const auto counted = [&](PerfEvent& one, std::uint64_t count) {
    values.push_back(count);
    if (!group) {
      if ((format & kFormatTotalTimeEnabled) != 0) values.push_back(reading.time_enabled);
      if ((format & kFormatTotalTimeRunning) != 0) values.push_back(reading.time_running);
    }
    if ((format & kFormatId) != 0) values.push_back(one.opened().id);
    if ((format & kFormatLost) != 0) values.push_back(one.lost_samples);
  };
  if (group) {
    values.push_back(1 + first.siblings.size());
    if ((format & kFormatTotalTimeEnabled) != 0) values.push_back(reading.time_enabled);
    if ((format & kFormatTotalTimeRunning) != 0) values.push_back(reading.time_running);
  }
  counted(first, reading.count);
  if (group) {
    for (PerfEvent* const sibling : first.siblings) counted(*sibling, read(*sibling).count);
    scheduler_.spend(kEach * first.siblings.size());
  }
  return values;
}

std::size_t PerfCore::read_size(const PerfEvent& event, std::size_t siblings) {
  const std::uint64_t format = event.attr.read_format;
  const auto has = [format](std::uint64_t bit) { return (format & bit) != 0 ? std::size_t{1} : 0; };
  const std::size_t events = has(kFormatGroup) != 0 ? 1 + siblings : 1;
  const std::size_t words = has(kFormatGroup) + has(kFormatTotalTimeEnabled) + has(kFormatTotalTimeRunning) +
                            events * (1 + has(kFormatId) + has(kFormatLost));
  return 8 * words;
}

// --- Buffers ---

void PerfCore::set_buffer(PerfEvent& event, std::shared_ptr<RingBuffer> buffer) {
  if (event.buffer != nullptr) std::erase(event.buffer->events, &event);
  event.buffer = std::move(buffer);
  if (event.buffer != nullptr) event.buffer->events.push_back(&event);
}

RingBuffer* PerfCore::buffer_of(PerfEvent& event) {
  PerfEvent& opened = event.opened();
  if (opened.buffer != nullptr && !opened.buffer->mapped()) set_buffer(opened, nullptr);
  return opened.buffer.get();
}

Status PerfCore::set_output(PerfEvent& event, PerfEvent* to) {
  std::shared_ptr<RingBuffer> buffer;
  if (to != nullptr) {
    // Records of one buffer come from one CPU or one task, by one clock, and go in one direction.
    if (to == &event) return refused(EINVAL, "", "an event's records go into its own buffer already");
    if (to->cpu != event.cpu)
      return refused(EINVAL, "",
                     "the records of a buffer come from one CPU, and the other event is on another");
    if (to->cpu == -1 && to->task != event.task)
      return refused(EINVAL, "",
                     "the records of a buffer come from one task, and the other event is on another");
    if (to->attr.clock() != event.attr.clock())
      return refused(EINVAL, "", "the records of a buffer have one clock, and the other event has another");
    if (to->attr.write_backward != event.attr.write_backward)
      return refused(EINVAL, "", "a buffer is filled in one direction, and the other event's in the other");
    if (buffer_of(*to) == nullptr) return refused(EINVAL, "", "the other event has no buffer");
    buffer = to->buffer;
  }
  // Not while somebody has the event's own buffer mapped.
  if (!event.mapping.expired()) return refused(EINVAL, "", "the event's own buffer is mapped");
  set_buffer(event, std::move(buffer));
  return Done{};
}

void PerfCore::update_user_page(PerfEvent& event) {
  RingBuffer* const buffer = buffer_of(event);
  if (buffer == nullptr || event.parent != nullptr) return;
  if (event.context != nullptr) update_context_time(*event.context);
  update_time(event);
  buffer->update_user_page(event.total_count(), event.time_enabled + event.child_time_enabled,
                           event.time_running + event.child_time_running);
}

}  // namespace trapline::kernel
