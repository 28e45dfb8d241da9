// Scheduling: affinity, policies, nice values (sched(7)).
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

constexpr int kResetOnFork = 0x40000000;  // SCHED_RESET_ON_FORK
constexpr int kHighestPriority = 99;      // MAX_RT_PRIO - 1

Task* task_argument(Syscall& call, unsigned n) {
  const int tid = call.integer(n);
  return tid == 0 ? &call.task : call.kernel.tasks().find(tid);
}

SyscallResult sys_sched_yield(Syscall& call) {
  call.kernel.scheduler().yield(call.task);
  return 0;
}

SyscallResult sys_sched_getaffinity(Syscall& call) {
  const Task* const task = task_argument(call, 0);
  constexpr std::uint64_t kWord = 8;  // the mask is an array of longs; we have at most 64 CPUs
  const std::uint64_t size = call.args[1] & 0xffffffff;
  if (size < kWord || size % kWord != 0) return Error{EINVAL};
  if (task == nullptr) return Error{ESRCH};
  const std::uint64_t mask = task->affinity & call.kernel.scheduler().online_mask();
  if (!call.mm().write_word(call.address(2), mask, kWord)) return Error{EFAULT};
  return kWord;
}

SyscallResult sys_sched_setaffinity(Syscall& call) {
  Task* const task = task_argument(call, 0);
  const std::uint64_t size = call.args[1] & 0xffffffff;
  std::array<std::byte, 8> bytes{};
  if (!call.mm().read(call.address(2), std::span(bytes).first(std::min<std::uint64_t>(size, bytes.size())))) {
    return Error{EFAULT};
  }
  if (task == nullptr) return Error{ESRCH};
  const std::uint64_t mask =
      isa::load_word(bytes, isa::byte_order(call.isa())) & call.kernel.scheduler().online_mask();
  if (mask == 0) return Error{EINVAL};
  call.kernel.scheduler().set_affinity(*task, mask);
  return 0;
}

// SCHED_DEADLINE is not there.
std::optional<Policy> policy_of(int number) {
  for (const Policy policy : {Policy::Other, Policy::Fifo, Policy::RoundRobin, Policy::Batch, Policy::Idle}) {
    if (static_cast<int>(policy) == number) return policy;
  }
  return std::nullopt;
}

bool valid_priority(const SchedParameters& parameters) {
  const bool has_priority = parameters.priority != 0;
  return parameters.priority >= 0 && parameters.priority <= kHighestPriority &&
         real_time(parameters.policy) == has_priority;
}

// No policy: that of the task, with its SCHED_RESET_ON_FORK.
Status set_scheduler(Syscall& call, std::optional<int> policy) {
  const std::uint64_t where = call.args[policy ? 2 : 1];
  if (where == 0 || call.integer(0) < 0) return Error{EINVAL};
  const auto priority = call.mm().read_word(GuestVa(where), 4);
  if (!priority) return Error{EFAULT};
  Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  SchedParameters wanted = task->sched.parameters;
  wanted.priority = static_cast<int>(*priority);
  if (policy) {
    const auto known = policy_of(*policy & ~kResetOnFork);
    if (!known) return Error{EINVAL};
    wanted.policy = *known;
    wanted.reset_on_fork = (*policy & kResetOnFork) != 0;
  }
  if (!valid_priority(wanted)) return Error{EINVAL};
  call.kernel.scheduler().set_parameters(*task, wanted);
  return Done{};
}

SyscallResult sys_sched_setscheduler(Syscall& call) {
  if (call.integer(1) < 0) return Error{EINVAL};
  const Status done = set_scheduler(call, call.integer(1));
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}
SyscallResult sys_sched_setparam(Syscall& call) {
  const Status done = set_scheduler(call, std::nullopt);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}
SyscallResult sys_sched_getscheduler(Syscall& call) {
  if (call.integer(0) < 0) return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  const SchedParameters& parameters = task->sched.parameters;
  return static_cast<std::uint64_t>(static_cast<int>(parameters.policy) |
                                    (parameters.reset_on_fork ? kResetOnFork : 0));
}
SyscallResult sys_sched_getparam(Syscall& call) {
  if (call.args[1] == 0 || call.integer(0) < 0) return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  if (!call.mm().write_word(call.address(1), static_cast<std::uint64_t>(task->sched.parameters.priority), 4))
    return Error{EFAULT};
  return 0;
}

// struct sched_attr, include/uapi/linux/sched/types.h.
struct SchedAttr {
  static constexpr std::uint64_t kSizeVer0 = 48;
  static constexpr std::uint64_t kSize = 56;  // SCHED_ATTR_SIZE_VER1, with the bounds of utilization
  enum Offset : std::size_t { Size = 0, Policy = 4, Flags = 8, Nice = 16, Priority = 20, UtilMax = 52 };
  enum Flag : std::uint64_t {
    ResetOnFork = 0x01,
    KeepPolicy = 0x08,
    KeepParams = 0x10,
    UtilClamp = 0x60,
    All = 0x7f,
  };
};

// E2BIG, with the size that is known.
Error refuse_size(Syscall& call) {
  (void)call.mm().write_word(call.address(1), SchedAttr::kSize, 4);
  return Error{E2BIG};
}

SyscallResult sys_sched_setattr(Syscall& call) {
  if (call.args[1] == 0 || call.integer(0) < 0 || (call.args[2] & 0xffffffff) != 0) return Error{EINVAL};
  const auto given = call.mm().read_word(call.address(1), 4);
  if (!given) return Error{EFAULT};
  const std::uint64_t size = *given == 0 ? SchedAttr::kSizeVer0 : *given;
  if (size < SchedAttr::kSizeVer0 || size > call.mm().page_size()) return refuse_size(call);
  std::vector<std::byte> bytes(std::max(size, SchedAttr::kSize));
  if (!call.mm().read(call.address(1), std::span(bytes).first(size))) return Error{EFAULT};
  // What this kernel doesn't know must not be asked for (copy_struct_from_user()).
  if (std::ranges::any_of(bytes.begin() + SchedAttr::kSize, bytes.end(),
                          [](std::byte byte) { return byte != std::byte{0}; }))
    return refuse_size(call);
  const auto field = [&](SchedAttr::Offset offset, std::size_t length) {
    return isa::load_word(std::span(bytes).subspan(offset, length), isa::byte_order(call.isa()));
  };
  const std::uint64_t flags = field(SchedAttr::Flags, 8);
  if ((flags & SchedAttr::UtilClamp) != 0 && size < SchedAttr::kSize) return Error{EINVAL};
  const auto policy = static_cast<int>(field(SchedAttr::Policy, 4));
  if (policy < 0) return Error{EINVAL};

  Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  SchedParameters wanted = task->sched.parameters;
  if ((flags & SchedAttr::KeepPolicy) == 0) {
    const auto known = policy_of(policy);
    if (!known) return Error{EINVAL};
    wanted.policy = *known;
    wanted.reset_on_fork = (flags & SchedAttr::ResetOnFork) != 0;
  }
  // The bounds of utilization are CONFIG_UCLAMP_TASK's, which this kernel is without.
  if ((flags & ~SchedAttr::All) != 0 || (flags & SchedAttr::UtilClamp) != 0) return Error{EINVAL};
  const std::uint64_t priority = field(SchedAttr::Priority, 4);
  if (priority > kHighestPriority) return Error{EINVAL};
  const bool keeps = (flags & SchedAttr::KeepParams) != 0;
  const SchedParameters& old = task->sched.parameters;
  if (!keeps || !real_time(old.policy)) wanted.priority = static_cast<int>(priority);
  if (!keeps && !real_time(wanted.policy))
    wanted.nice = std::clamp(static_cast<int>(field(SchedAttr::Nice, 4)), kLowestNice, kHighestNice);
  if (!valid_priority(wanted)) return Error{EINVAL};
  // What is kept is the policy, too, as far as it runs by one (__setscheduler_params()).
  if (keeps) wanted.policy = old.policy, wanted.priority = old.priority;
  call.kernel.scheduler().set_parameters(*task, wanted);
  return 0;
}

SyscallResult sys_sched_getattr(Syscall& call) {
  const std::uint64_t size = call.args[2] & 0xffffffff;
  if (call.args[1] == 0 || call.integer(0) < 0 || size > call.mm().page_size() ||
      size < SchedAttr::kSizeVer0 || (call.args[3] & 0xffffffff) != 0)
    return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  std::array<std::byte, SchedAttr::kSize> bytes{};
  const SchedParameters& parameters = task->sched.parameters;
  const auto put = [&](SchedAttr::Offset offset, std::size_t length, std::uint64_t value) {
    isa::store_word(std::span(bytes).subspan(offset, length), value, isa::byte_order(call.isa()));
  };
  const std::uint64_t written = std::min(size, SchedAttr::kSize);
  put(SchedAttr::Size, 4, written);
  put(SchedAttr::Policy, 4, static_cast<std::uint64_t>(parameters.policy));
  put(SchedAttr::Flags, 8, parameters.reset_on_fork ? std::uint64_t{SchedAttr::ResetOnFork} : 0);
  if (real_time(parameters.policy)) {
    put(SchedAttr::Priority, 4, static_cast<std::uint64_t>(parameters.priority));
  } else {
    put(SchedAttr::Nice, 4, static_cast<std::uint64_t>(static_cast<std::int64_t>(parameters.nice)));
  }
  if (!call.mm().write(call.address(1), std::span(bytes).first(written))) return Error{EFAULT};
  return 0;
}

SyscallResult sys_sched_get_priority_max(Syscall& call) {
  const auto policy = policy_of(call.integer(0));
  if (!policy) return Error{EINVAL};
  return static_cast<std::uint64_t>(real_time(*policy) ? kHighestPriority : 0);
}
SyscallResult sys_sched_get_priority_min(Syscall& call) {
  const auto policy = policy_of(call.integer(0));
  if (!policy) return Error{EINVAL};
  return std::uint64_t{real_time(*policy) ? 1u : 0u};
}
SyscallResult sys_sched_rr_get_interval(Syscall& call) {
  if (call.integer(0) < 0) return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  const std::uint64_t interval = call.kernel.scheduler().interval(*task);
  if (!call.mm().write_word(call.address(1), interval / kSecond, 8) ||
      !call.mm().write_word(call.address(1) + 8, interval % kSecond, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

// Whom getpriority(2) and ioprio_get(2) and what sets these are about: a thread, the members of a group, or
// all of a user, of which there is one.
enum : int { kProcess, kGroup, kUser };  // PRIO_*

Result<std::vector<Task*>> priority_targets(Syscall& call, int which) {
  std::vector<Task*> found;
  const int who = call.integer(1);
  switch (which) {
    case kProcess:
      if (Task* const task = task_argument(call, 1)) found.push_back(task);
      break;
    case kGroup:
      for (const Process* const process :
           call.kernel.tasks().group(who == 0 ? call.task.process->group : who)) {
        found.insert(found.end(), process->threads.begin(), process->threads.end());
      }
      break;
    case kUser:
      if (who != 0) break;
      for (const auto& [tid, task] : call.kernel.tasks().all()) found.push_back(task.get());
      break;
    default:
      return Error{EINVAL};
  }
  if (found.empty()) return Error{ESRCH};
  call.cpu.charge(costs::beyond_free(found.size()) * costs::kEach);
  return found;
}

// The system call returns 20 - nice, so that no value looks like an error.
SyscallResult sys_getpriority(Syscall& call) {
  const auto targets = priority_targets(call, call.integer(0));
  if (!targets) return targets.error();
  int lowest = kHighestNice;
  for (const Task* const task : *targets) lowest = std::min(lowest, task->sched.parameters.nice);
  return static_cast<std::uint64_t>(20 - lowest);
}

SyscallResult sys_setpriority(Syscall& call) {
  const auto targets = priority_targets(call, call.integer(0));
  if (!targets) return targets.error();
  for (Task* const task : *targets) {
    SchedParameters wanted = task->sched.parameters;
    wanted.nice = std::clamp(call.integer(2), kLowestNice, kHighestNice);
    call.kernel.scheduler().set_parameters(*task, wanted);
  }
  return 0;
}

// ioprio_set(2): a class, and a level in it.
struct IoPriority {
  enum Class : std::uint16_t { kNone, kRealTime, kBestEffort, kIdle };
  static constexpr unsigned kShift = 13;
  static constexpr std::uint16_t kLevels = 8;  // the lower bits; those between are for hints

  static constexpr std::uint16_t make(Class cls, int level) {
    return static_cast<std::uint16_t>(cls << kShift | level);
  }
  // The system call takes an int of which more than 16 bits may be set.
  static bool valid(int priority) {
    const int cls = priority >> kShift & 7, level = priority & (kLevels - 1);
    return cls == kNone ? level == 0 : cls <= kIdle;
  }
  // Of a task that has asked for none, by its nice value (task_nice_ioclass(), task_nice_ioprio()).
  static std::uint16_t of(const Task& task) {
    if (task.io_priority >> kShift != kNone) return task.io_priority;
    const SchedParameters& parameters = task.sched.parameters;
    const Class cls = parameters.policy == Policy::Idle ? kIdle
                      : real_time(parameters.policy)    ? kRealTime
                                                        : kBestEffort;
    return make(cls, (parameters.nice + 20) / 5);
  }
};

// IOPRIO_WHO_*
constexpr int io_which(int which) { return which >= 1 ? which - 1 : -1; }

SyscallResult sys_ioprio_get(Syscall& call) {
  const int which = io_which(call.integer(0));
  const auto targets = priority_targets(call, which);
  if (!targets) return targets.error();
  // Of a thread, what it asked for.
  if (which == kProcess) return targets->front()->io_priority;
  std::uint16_t best = IoPriority::of(*targets->front());
  for (const Task* const task : *targets) best = std::min(best, IoPriority::of(*task));
  return best;
}

SyscallResult sys_ioprio_set(Syscall& call) {
  const int priority = call.integer(2);
  if (!IoPriority::valid(priority)) return Error{EINVAL};
  const auto targets = priority_targets(call, io_which(call.integer(0)));
  if (!targets) return targets.error();
  for (Task* const task : *targets) task->io_priority = static_cast<std::uint16_t>(priority);
  return 0;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> sched_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_sched_yield, sys_sched_yield},
      SyscallEntry{Name::sys_sched_getaffinity, sys_sched_getaffinity},
      SyscallEntry{Name::sys_sched_setaffinity, sys_sched_setaffinity},
      SyscallEntry{Name::sys_sched_setscheduler, sys_sched_setscheduler},
      SyscallEntry{Name::sys_sched_getscheduler, sys_sched_getscheduler},
      SyscallEntry{Name::sys_sched_setparam, sys_sched_setparam},
      SyscallEntry{Name::sys_sched_getparam, sys_sched_getparam},
      SyscallEntry{Name::sys_sched_setattr, sys_sched_setattr},
      SyscallEntry{Name::sys_sched_getattr, sys_sched_getattr},
      SyscallEntry{Name::sys_sched_get_priority_max, sys_sched_get_priority_max},
      SyscallEntry{Name::sys_sched_get_priority_min, sys_sched_get_priority_min},
      SyscallEntry{Name::sys_sched_rr_get_interval, sys_sched_rr_get_interval},
      SyscallEntry{Name::sys_getpriority, sys_getpriority},
      SyscallEntry{Name::sys_setpriority, sys_setpriority},
      SyscallEntry{Name::sys_ioprio_get, sys_ioprio_get},
      SyscallEntry{Name::sys_ioprio_set, sys_ioprio_set},
  };
  return kTable;
}

}  // namespace trapline::kernel
