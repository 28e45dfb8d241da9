#include "emu/kernel/perf/open.hpp"

#include <fmt/format.h>

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
  if (!known) return refused(EINVAL, "clockid", "perf has no clock of this number");
  if (!event.pmu->in_nmi()) return Done{};
  return refused(
      EINVAL, "clockid",
      "an overflow of this event may come in an NMI, where only the clocks MONOTONIC and MONOTONIC_RAW "
      "can be read");
}

// Whether an event may be a sibling in the leader's group.
Status check_group(const PerfEvent& leader, const PerfEventAttr& attr, const Task* task, int cpu) {
  if (!leader.group_leader())
    return refused(EINVAL, "group_fd", "a group's leader is in no other group, and this one is");
  if (leader.attr.clock() != attr.clock())
    return refused(EINVAL, "group_fd", "a group has one clock, and the leader's is another");
  if (leader.context == nullptr)
    return refused(EINVAL, "group_fd", "the leader's task is gone, or has executed another program");
  if (leader.task != task)
    return refused(EINVAL, "group_fd", "all of a group are on one task, and the leader is on another");
  if (leader.cpu != cpu)
    return refused(EINVAL, "group_fd", "all of a group are on one CPU, and the leader is on another");
  // The leader is exclusive or pinned for all.
  if (attr.pinned) return refused(EINVAL, "pinned", "a group is pinned by its leader, for all of it");
  if (attr.exclusive)
    return refused(EINVAL, "exclusive", "a group is exclusive by its leader, for all of it");
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
  if (task != nullptr && group != nullptr && group->attr.inherit != attr.inherit)
    return refused(EINVAL, "inherit", "a group is inherited as a whole: inherit is as its leader has it");

  const auto cpus = static_cast<int>(core.cpus());
  if ((cpu < 0 || cpu >= cpus) && (task == nullptr || cpu != -1)) {
    if (cpu == -1)
      return refused(EINVAL, "cpu", "an event is bound to a task, to a CPU or to both, and this to neither");
    return refused(EINVAL, "cpu", [cpu, cpus] {
      return fmt::format("the machine's CPUs are 0 to {}, and {} is none of them", cpus - 1, cpu);
    });
  }
  // Nobody is to be surprised by a signal.
  if (attr.sigtrap && task == nullptr)
    return refused(EINVAL, "sigtrap",
                   "sigtrap is for the event's task, and one bound to a CPU alone has none");
  PerfCore::Request wanted{attr, task, cpu};
  wanted.group = group;
  auto event = core.create(wanted);
  if (!event) return event;
  // There is no file system of control groups that the request could be for.
  if (request.cgroup) return refused(EBADF, "pid", "PERF_FLAG_PID_CGROUP: there are no control groups here");
  if (attr.sample_max_stack > kMaxStack && (attr.sample_type & kSampleCallchain) != 0) {
    return refused(EOVERFLOW, "sample_max_stack", [] {
      return fmt::format("a call chain has at most {} entries (kernel.perf_event_max_stack)", kMaxStack);
    });
  }
  if (const Status valid = check_clock(**event); !valid) return valid.error();
  if (task != nullptr && !task->alive()) return refused(ESRCH, "pid", "the task has ended");
  if (task == nullptr && !core.online(static_cast<unsigned>(cpu)))
    return refused(ENODEV, "cpu", "that CPU is offline");
  if (group != nullptr) {
    if (const Status valid = check_group(*group, attr, task, cpu); !valid) return valid.error();
  }
  if (request.output != nullptr) {
    if (const Status set = core.set_output(**event, request.output); !set) return set.error();
  }
  if (!fits(**event)) {
    return refused(E2BIG, "read_format",
                   "what is read of each in the group does not fit into one record, which has 16 KiB");
  }
  // There is nothing that would fill an auxiliary buffer.
  if (attr.aux_sample_size != 0)
    return refused(EINVAL, "aux_sample_size", "no event of this machine fills an auxiliary buffer");
  if (!attr.disabled) (*event)->state = EventState::Inactive;
  (*event)->observer = request.observer;
  (*event)->stray = request.stray;
  (*event)->label = request.label;
  return event;
}

}  // namespace trapline::kernel
