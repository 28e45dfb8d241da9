// perf_event_open(2).
#include <algorithm>
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/perf/event_file.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

namespace abi = isa::linux_abi;

// PERF_FLAG_*
constexpr std::uint64_t kFdNoGroup = 1;
constexpr std::uint64_t kFdOutput = 2;
constexpr std::uint64_t kPidCgroup = 4;
constexpr std::uint64_t kFdCloexec = 8;
constexpr std::uint64_t kAllFlags = kFdNoGroup | kFdOutput | kPidCgroup | kFdCloexec;

int clock_of(const PerfEventAttr& attr) { return attr.use_clockid ? attr.clockid : -1; }

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
  if (clock_of(leader.attr) != clock_of(attr)) return Error{EINVAL};
  if (leader.cpu != cpu || leader.task != task || leader.context == nullptr) return Error{EINVAL};
  // The leader is exclusive or pinned for all.
  if (attr.exclusive || attr.pinned) return Error{EINVAL};
  return Done{};
}

// The sizes of samples and of what is read are 16 bits (perf_event_validate_size).
bool fits(const PerfEvent& event) {
  constexpr std::size_t kMost = 16 * 1024;
  constexpr std::size_t kHeaders = 128;
  return PerfCore::read_size(event) + kHeaders < kMost;
}

SyscallResult sys_perf_event_open(Syscall& call) {
  const std::uint64_t flags = call.args[4];
  if ((flags & ~kAllFlags) != 0) return Error{EINVAL};
  const auto attr = copy_perf_event_attr(call.mm(), call.address(0), known_registers(call.kernel.arch()));
  if (!attr) return attr.error();
  const int pid = call.integer(1);
  const int cpu = call.integer(2);
  const int group_fd = call.integer(3);
  const bool cgroup = (flags & kPidCgroup) != 0;
  if (cgroup && (pid == -1 || cpu == -1)) return Error{EINVAL};
  PerfCore& core = call.kernel.perf();

  PerfEvent* group = nullptr;
  PerfEvent* output = nullptr;
  if (group_fd != -1) {
    const FdTable::Entry* const entry = call.task.files->find(group_fd);
    auto* const file = entry == nullptr ? nullptr : dynamic_cast<PerfEventFile*>(entry->file.get());
    if (file == nullptr) return Error{EBADF};
    if ((flags & kFdOutput) != 0) output = &file->event();
    if ((flags & kFdNoGroup) == 0) group = &file->event();
  }
  Task* task = nullptr;
  if (pid != -1 && !cgroup) {
    task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
    if (task == nullptr || !task->alive()) return Error{ESRCH};
  }
  if (task != nullptr && group != nullptr && group->attr.inherit != attr->inherit) return Error{EINVAL};

  const auto cpus = static_cast<int>(call.kernel.machine().cpus());
  if ((cpu < 0 || cpu >= cpus) && (task == nullptr || cpu != -1)) return Error{EINVAL};
  // Nobody is to be surprised by a signal.
  if (attr->sigtrap && task == nullptr) return Error{EINVAL};
  if (cgroup) return Error{EBADF};  // there is no file system of control groups that `pid` could be of
  PerfCore::Request request{*attr, task, cpu};
  request.group = group;
  auto event = core.create(request);
  if (!event) return event.error();
  if (const Status valid = check_clock(**event); !valid) return valid.error();
  if (attr->sample_max_stack > kMaxStack && (attr->sample_type & kSampleCallchain) != 0)
    return Error{EOVERFLOW};
  if (group != nullptr) {
    if (const Status valid = check_group(*group, *attr, task, cpu); !valid) return valid.error();
  }
  if (output != nullptr) {
    if (const Status set = perf_set_output(core, **event, output); !set) return set.error();
  }
  if (!fits(**event)) return Error{E2BIG};
  // There is nothing that would fill an auxiliary buffer.
  if (attr->aux_sample_size != 0 || (attr->sample_type & kSampleAux) != 0) return Error{EINVAL};
  if (!attr->disabled) (*event)->state = EventState::Inactive;
  PerfEvent& made = **event;
  auto file = std::make_shared<PerfEventFile>(call.kernel, std::move(*event));
  const auto fd = add_descriptor(call, std::move(file), (flags & kFdCloexec) != 0);
  if (!fd) return fd.error();
  made.owner = &call.task;
  call.task.perf.owned.push_back(&made);
  core.install(made);
  return static_cast<std::uint64_t>(*fd);
}

constexpr std::array kTable{SyscallEntry{abi::Syscall::sys_perf_event_open, sys_perf_event_open}};

}  // namespace

std::span<const SyscallEntry> perf_syscalls() { return kTable; }

}  // namespace trapline::kernel
