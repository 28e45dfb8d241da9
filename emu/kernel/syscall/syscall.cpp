#include "emu/kernel/syscall/syscall.hpp"

#include <array>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

using Table = std::array<SyscallHandler, static_cast<std::size_t>(isa::linux_abi::Syscall::kCount)>;

Table collect() {
  Table table{};
  for (const auto group :
       {file_syscalls(),           memory_syscalls(),  time_syscalls(),       process_syscalls(),
        signal_syscalls(),         perf_syscalls(),    task_syscalls(),       sched_syscalls(),
        timer_syscalls(),          futex_syscalls(),   poll_syscalls(),       credential_syscalls(),
        process_memory_syscalls(), pidfd_syscalls(),   membarrier_syscalls(), kcmp_syscalls(),
        reboot_syscalls(),         refused_syscalls(), socket_syscalls(),     inotify_syscalls(),
        timerfd_syscalls(),        module_syscalls(),  log_syscalls()}) {
    for (const SyscallEntry& entry : group) table[static_cast<std::size_t>(entry.call)] = entry.handler;
  }
  return table;
}

}  // namespace

Mm& Syscall::mm() const { return *task.mm; }

std::uint64_t Syscall::now() const { return kernel.scheduler().now(); }

SyscallResult Syscall::sleep(std::span<WaitQueue* const> queues, int interrupted) const {
  if (kernel.signals().pending(task)) return Error{interrupted};
  return wait_in(queues, TaskState::Interruptible);
}

SyscallResult Syscall::sleep_killable(std::span<WaitQueue* const> queues) const {
  if (kernel.signals().fatal_pending(task)) return Error{EINTR};
  return wait_in(queues, TaskState::Killable);
}

SyscallResult Syscall::wait_in(std::span<WaitQueue* const> queues, TaskState state) const {
  for (WaitQueue* const queue : queues) task.waits_in.enter(*queue);
  if (task.call.deadline) {
    task.sleep_timer =
        kernel.timers().set(*task.call.deadline, [&scheduler = kernel.scheduler(), &sleeper = task] {
          sleeper.sleep_timer.cancel();
          scheduler.wake_up(sleeper);
        });
  }
  task.state = state;
  return Error{kSleeps};
}

SyscallResult Syscall::sleep(std::initializer_list<WaitQueue*> queues, int interrupted) const {
  return sleep(std::span(queues.begin(), queues.size()), interrupted);
}

std::uint64_t Syscall::deadline(std::uint64_t nanoseconds_from_now) const {
  if (!task.call.deadline) task.call.deadline = now() + nanoseconds_from_now;
  return *task.call.deadline;
}

bool Syscall::timed_out() const { return task.call.deadline && now() >= *task.call.deadline; }

SyscallHandler handler_of(isa::linux_abi::Syscall call) {
  static const Table kTable = collect();
  return kTable[static_cast<std::size_t>(call)];
}

}  // namespace trapline::kernel
