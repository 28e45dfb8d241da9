// Scheduling: affinity, policies, nice values (sched(7)). Policies and priorities are remembered and shown;
// what runs when does not depend on them.
#include <algorithm>
#include <array>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

constexpr int kOther = 0, kFifo = 1, kRoundRobin = 2, kBatch = 3, kIdle = 5;
constexpr int kResetOnFork = 0x40000000;

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
  const std::uint64_t mask = task->affinity & call.kernel.scheduler().cpu_mask();
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
      isa::load_word(bytes, isa::byte_order(call.isa())) & call.kernel.scheduler().cpu_mask();
  if (mask == 0) return Error{EINVAL};
  task->affinity = mask;
  call.kernel.scheduler().move_if_needed(*task);
  return 0;
}

bool real_time(int policy) { return policy == kFifo || policy == kRoundRobin; }
bool known(int policy) {
  return policy == kOther || policy == kBatch || policy == kIdle || real_time(policy);
}

Status set_policy(Syscall& call, int policy, std::uint64_t parameters) {
  if (parameters == 0 || call.integer(0) < 0) return Error{EINVAL};
  const auto priority = call.mm().read_word(GuestVa(parameters), 4);
  if (!priority) return Error{EFAULT};
  Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  const int wanted = policy < 0 ? task->policy : policy & ~kResetOnFork;
  if (!known(wanted)) return Error{EINVAL};
  const auto value = static_cast<int>(*priority);
  constexpr int kHighest = 99;
  if (real_time(wanted) ? value < 1 || value > kHighest : value != 0) return Error{EINVAL};
  task->policy = wanted;
  task->priority = value;
  return Done{};
}

SyscallResult sys_sched_setscheduler(Syscall& call) {
  if (call.integer(1) < 0) return Error{EINVAL};
  const Status done = set_policy(call, call.integer(1), call.args[2]);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}
SyscallResult sys_sched_setparam(Syscall& call) {
  const Status done = set_policy(call, -1, call.args[1]);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}
SyscallResult sys_sched_getscheduler(Syscall& call) {
  if (call.integer(0) < 0) return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  return static_cast<std::uint64_t>(task->policy);
}
SyscallResult sys_sched_getparam(Syscall& call) {
  if (call.args[1] == 0 || call.integer(0) < 0) return Error{EINVAL};
  const Task* const task = task_argument(call, 0);
  if (task == nullptr) return Error{ESRCH};
  if (!call.mm().write_word(call.address(1), static_cast<std::uint64_t>(task->priority), 4))
    return Error{EFAULT};
  return 0;
}
SyscallResult sys_sched_get_priority_max(Syscall& call) {
  if (!known(call.integer(0))) return Error{EINVAL};
  return real_time(call.integer(0)) ? 99 : 0;
}
SyscallResult sys_sched_get_priority_min(Syscall& call) {
  if (!known(call.integer(0))) return Error{EINVAL};
  return real_time(call.integer(0)) ? 1 : 0;
}
SyscallResult sys_sched_rr_get_interval(Syscall& call) {
  if (call.integer(0) < 0) return Error{EINVAL};
  if (task_argument(call, 0) == nullptr) return Error{ESRCH};
  constexpr std::uint64_t kInterval = 4'000'000;
  if (!call.mm().write_word(call.address(1), 0, 8) ||
      !call.mm().write_word(call.address(1) + 8, kInterval, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

// Whom getpriority(2) and setpriority(2) are about: a thread, the members of a group, or all of a user, of
// which there is one.
Result<std::vector<Task*>> priority_targets(Syscall& call) {
  enum : int { kProcess = 0, kGroup = 1, kUser = 2 };
  std::vector<Task*> found;
  const int who = call.integer(1);
  switch (call.integer(0)) {
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
  const auto targets = priority_targets(call);
  if (!targets) return targets.error();
  const int lowest = (*std::ranges::min_element(*targets, {}, &Task::nice))->nice;
  return static_cast<std::uint64_t>(20 - lowest);
}

SyscallResult sys_setpriority(Syscall& call) {
  const auto targets = priority_targets(call);
  if (!targets) return targets.error();
  for (Task* const task : *targets) task->nice = std::clamp(call.integer(2), -20, 19);
  return 0;
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_sched_yield, sys_sched_yield},
    SyscallEntry{Name::sys_sched_getaffinity, sys_sched_getaffinity},
    SyscallEntry{Name::sys_sched_setaffinity, sys_sched_setaffinity},
    SyscallEntry{Name::sys_sched_setscheduler, sys_sched_setscheduler},
    SyscallEntry{Name::sys_sched_getscheduler, sys_sched_getscheduler},
    SyscallEntry{Name::sys_sched_setparam, sys_sched_setparam},
    SyscallEntry{Name::sys_sched_getparam, sys_sched_getparam},
    SyscallEntry{Name::sys_sched_get_priority_max, sys_sched_get_priority_max},
    SyscallEntry{Name::sys_sched_get_priority_min, sys_sched_get_priority_min},
    SyscallEntry{Name::sys_sched_rr_get_interval, sys_sched_rr_get_interval},
    SyscallEntry{Name::sys_getpriority, sys_getpriority},
    SyscallEntry{Name::sys_setpriority, sys_setpriority},
};

}  // namespace

std::span<const SyscallEntry> sched_syscalls() { return kTable; }

}  // namespace trapline::kernel
