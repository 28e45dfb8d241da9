#include "emu/kernel/perf/open.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// perf_event_set_clock(): where an event may come in an NMI, only some clocks can be read.
Status check_clock(const PerfEvent& event) {
  if (!event.attr.use_clockid) return Done{};
  constexpr std::array kInNmi{1, 4};       // MONOTONIC, MONOTONIC_RAW
  constexpr std::array kOthers{0, 7, 11};  // REALTIME, BOOTTIME, TAI
  const int clock = event.attr.clockid;
  if (std::ranges::find(kInNmi, clock) != kInNmi.end()) return Done{};
  const bool known = std::ranges::find(kOthers, clock) != kOthers.end();
  return known && !event.pmu->in_nmi() ? Status(Done{}) : Error{EINVAL};
}

// Whether an event may be a sibling in the leader's group.
Status check_group(const PerfEvent& leader, const PerfEventAttr& attr, const Task* task, int cpu) {
  if (!leader.group_leader()) return Error{EINVAL};
  if (leader.attr.clock() != attr.clock()) return Error{EINVAL};
  if (leader.cpu != cpu || leader.task != task || leader.context == nullptr) return Error{EINVAL};
  // The leader is exclusive or pinned for all.
  if (attr.exclusive || attr.pinned) return Error{EINVAL};
  return Done{};
}

// Whether what is read of each in the group still fits into a record, beside what else is in it
// (perf_event_validate_size).
bool fits(const PerfEvent& event) {
  constexpr std::size_t kMost = 16 * 1024;
  const PerfEvent& leader = *event.leader;
  const std::size_t siblings = leader.siblings.size() + 1;
  const auto fits_with = [siblings](const PerfEvent* member) {
    return PerfCore::read_size(*member, siblings) <= kMost;
  };
  return fits_with(&event) && fits_with(&leader) && std::ranges::all_of(leader.siblings, fits_with);
}

}  // namespace

Result<PerfEventRef> perf_event_open(PerfCore& core, const PerfEventOpen& request) {
  const PerfEventAttr& attr = request.attr;
  Task* const task = request.task;
  const int cpu = request.cpu;
  PerfEvent* const group = request.group;
  if (task != nullptr && group != nullptr && group->attr.inherit != attr.inherit) return Error{EINVAL};

  const auto cpus = static_cast<int>(core.cpus());
  if ((cpu < 0 || cpu >= cpus) && (task == nullptr || cpu != -1)) return Error{EINVAL};
  // Nobody is to be surprised by a signal.
  if (attr.sigtrap && task == nullptr) return Error{EINVAL};
  PerfCore::Request wanted{attr, task, cpu};
  wanted.group = group;
  auto event = core.create(wanted);
  if (!event) return event;
  // There is no file system of control groups that the request could be for.
  if (request.cgroup) return Error{EBADF};
  if (attr.sample_max_stack > kMaxStack && (attr.sample_type & kSampleCallchain) != 0)
    return Error{EOVERFLOW};
  if (const Status valid = check_clock(**event); !valid) return valid.error();
  if (task != nullptr && !task->alive()) return Error{ESRCH};
  if (group != nullptr) {
    if (const Status valid = check_group(*group, attr, task, cpu); !valid) return valid.error();
  }
  if (request.output != nullptr) {
    if (const Status set = core.set_output(**event, request.output); !set) return set.error();
  }
  if (!fits(**event)) return Error{E2BIG};
  // There is nothing that would fill an auxiliary buffer.
  if (attr.aux_sample_size != 0) return Error{EINVAL};
  if (!attr.disabled) (*event)->state = EventState::Inactive;
  (*event)->observer = request.observer;
  return event;
}

}  // namespace trapline::kernel
