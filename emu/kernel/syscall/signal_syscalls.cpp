// Signals as a process sets them up and sends them to itself.
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::kSigKill;
using isa::linux_abi::kSignals;
using isa::linux_abi::kSigStop;

constexpr std::uint64_t kSetSize = 8;  // sizeof(sigset_t) of the kernel

// struct kernel_sigaction: handler, flags, restorer, mask; eight bytes each on both instruction sets.
SyscallResult sys_rt_sigaction(Syscall& call) {
  const int signal = call.integer(0);
  if (call.args[3] != kSetSize) return Error{EINVAL};
  if (signal < 1 || signal > kSignals) return Error{EINVAL};
  Mm& mm = call.mm();
  SignalAction& action = call.task.actions[static_cast<std::size_t>(signal)];
  const SignalAction old = action;
  if (call.args[1] != 0) {
    std::array<std::uint64_t, 4> words{};
    for (unsigned i = 0; i < words.size(); ++i) {
      const auto word = mm.read_word(call.address(1) + 8 * i, 8);
      if (!word) return Error{EFAULT};
      words[i] = *word;
    }
    if (signal == kSigKill || signal == kSigStop) return Error{EINVAL};
    action = {words[0], words[1], words[2], words[3]};
    // A pending signal that is ignored from now on is gone (sigaction(2)).
    if (action.handler == kSigIgn) call.task.pending_signals &= ~(std::uint64_t{1} << (signal - 1));
  }
  if (call.args[2] != 0) {
    const std::array words{old.handler, old.flags, old.restorer, old.mask};
    for (unsigned i = 0; i < words.size(); ++i) {
      if (!mm.write_word(call.address(2) + 8 * i, words[i], 8)) return Error{EFAULT};
    }
  }
  return 0;
}

SyscallResult sys_rt_sigprocmask(Syscall& call) {
  enum : std::uint64_t { kBlock = 0, kUnblock = 1, kSetMask = 2 };
  if (call.args[3] != kSetSize) return Error{EINVAL};
  std::uint64_t& blocked = call.task.blocked_signals;
  const std::uint64_t old = blocked;
  if (call.args[1] != 0) {
    const auto set = call.mm().read_word(call.address(1), 8);
    if (!set) return Error{EFAULT};
    switch (call.args[0]) {
      case kBlock:
        blocked |= *set;
        break;
      case kUnblock:
        blocked &= ~*set;
        break;
      case kSetMask:
        blocked = *set;
        break;
      default:
        return Error{EINVAL};
    }
    blocked &= ~(1ull << (kSigKill - 1) | 1ull << (kSigStop - 1));
  }
  if (call.args[2] != 0 && !call.mm().write_word(call.address(2), old, 8)) return Error{EFAULT};
  call.kernel.deliver_pending(call.task);
  return 0;
}

SyscallResult sys_rt_sigpending(Syscall& call) {
  if (call.args[1] > kSetSize) return Error{EINVAL};
  const std::uint64_t pending = call.task.pending_signals & call.task.blocked_signals;
  if (!call.mm().write_word(call.address(0), pending, kSetSize)) return Error{EFAULT};
  return 0;
}

SyscallResult deliver(Syscall& call, int target, int signal) {
  if (target != call.task.tid()) return Error{ESRCH};
  const Status sent = call.kernel.send_signal(call.task, signal);
  if (!sent) return sent.error();
  return 0;
}

SyscallResult sys_kill(Syscall& call) {
  const int pid = call.integer(0);
  return deliver(call, pid == 0 || pid == -1 ? call.task.tid() : pid, call.integer(1));
}
SyscallResult sys_tkill(Syscall& call) { return deliver(call, call.integer(0), call.integer(1)); }
SyscallResult sys_tgkill(Syscall& call) {
  if (call.integer(0) != call.task.tgid()) return Error{ESRCH};
  return deliver(call, call.integer(1), call.integer(2));
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_rt_sigaction, sys_rt_sigaction},
    SyscallEntry{Name::sys_rt_sigprocmask, sys_rt_sigprocmask},
    SyscallEntry{Name::sys_rt_sigpending, sys_rt_sigpending},
    SyscallEntry{Name::sys_kill, sys_kill},
    SyscallEntry{Name::sys_tkill, sys_tkill},
    SyscallEntry{Name::sys_tgkill, sys_tgkill},
};

}  // namespace

std::span<const SyscallEntry> signal_syscalls() { return kTable; }

}  // namespace trapline::kernel
