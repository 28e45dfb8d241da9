// Signals as programs set them up, wait for them and send them.
#include <array>
#include <limits>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/signalfd.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::kSigKill;
using isa::linux_abi::kSignals;
using isa::linux_abi::kSigStop;

constexpr std::uint64_t kSetSize = 8;  // sizeof(sigset_t) of the kernel

bool valid_signal(int signal) { return signal >= 1 && signal <= kSignals; }

// struct kernel_sigaction: handler, flags, restorer, mask; eight bytes each on both instruction sets.
SyscallResult sys_rt_sigaction(Syscall& call) {
  const int signal = call.integer(0);
  if (call.args[3] != kSetSize) return Error{EINVAL};
  Mm& mm = call.mm();
  std::array<std::uint64_t, 4> wanted{};
  if (call.args[1] != 0) {
    for (unsigned i = 0; i < wanted.size(); ++i) {
      const auto word = mm.read_word(call.address(1) + 8 * i, 8);
      if (!word) return Error{EFAULT};
      wanted[i] = *word;
    }
  }
  if (!valid_signal(signal)) return Error{EINVAL};
  SignalAction& action = (*call.task.actions)[static_cast<std::size_t>(signal)];
  const SignalAction old = action;
  if (call.args[1] != 0) {
    if (signal == kSigKill || signal == kSigStop) return Error{EINVAL};
    action = {wanted[0], wanted[1], wanted[2], wanted[3] & ~kUnblockable};
    // A pending signal that is ignored from now on is gone, blocked or not (sigaction(2)).
    const SignalSet blocked = std::exchange(call.task.blocked, 0);
    if (call.kernel.signals().ignored(call.task, signal)) {
      call.kernel.signals().discard(*call.task.process, signal_bit(signal));
    }
    call.task.blocked = blocked;
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
  const SignalSet old = call.task.blocked;
  if (call.args[1] != 0) {
    const auto set = call.mm().read_word(call.address(1), 8);
    if (!set) return Error{EFAULT};
    SignalSet blocked = old;
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
    call.kernel.signals().set_blocked(call.task, blocked);
  }
  if (call.args[2] != 0 && !call.mm().write_word(call.address(2), old, 8)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_rt_sigpending(Syscall& call) {
  if (call.args[1] > kSetSize) return Error{EINVAL};
  const SignalSet pending = (call.task.pending.set() | call.task.process->pending.set()) & call.task.blocked;
  if (!call.mm().write_word(call.address(0), pending, kSetSize)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_rt_sigsuspend(Syscall& call) {
  if (call.task.call.phase == 0) {
    if (call.args[1] != kSetSize) return Error{EINVAL};
    const auto set = call.mm().read_word(call.address(0), kSetSize);
    if (!set) return Error{EFAULT};
    call.task.saved_mask = call.task.blocked;
    call.kernel.signals().set_blocked(call.task, *set);
    call.task.call.phase = 1;
  }
  return call.sleep({}, kErestartNoHand);
}

SyscallResult sys_pause(Syscall& call) { return call.sleep({}, kErestartNoHand); }

SyscallResult sys_rt_sigtimedwait(Syscall& call) {
  if (call.args[3] != kSetSize) return Error{EINVAL};
  const auto set = call.mm().read_word(call.address(0), kSetSize);
  if (!set) return Error{EFAULT};
  Task& task = call.task;
  if (call.args[2] != 0 && !task.call.deadline) {
    const auto time = read_timespec(call.mm(), call.address(2));
    if (!time) return time.error();
    call.deadline(*time);
  }
  const SignalSet wanted = *set & ~kUnblockable;
  task.awaited = 0;
  if (const auto dequeued = call.kernel.signals().dequeue(task, ~wanted)) {
    const SigInfo& info = dequeued->info;
    if (call.args[1] != 0 && !call.mm().write(call.address(1), info.bytes())) return Error{EFAULT};
    return static_cast<std::uint64_t>(info.signal());
  }
  if (call.timed_out()) return Error{EAGAIN};
  const SyscallResult slept = call.sleep({}, EINTR);
  if (slept.error().number == kSleeps) task.awaited = wanted;
  return slept;
}

// signalfd(2): a new file, or other signals for one that is there.
SyscallResult signalfd(Syscall& call, std::uint64_t flags) {
  if (call.args[2] != kSetSize) return Error{EINVAL};
  const auto set = call.mm().read_word(call.address(1), kSetSize);
  if (!set) return Error{EFAULT};
  if ((flags & ~(isa::linux_abi::kOCloExec | isa::linux_abi::kONonBlock)) != 0) return Error{EINVAL};
  const SignalSet signals = *set & ~kUnblockable;
  const int fd = call.integer(0);
  if (fd == -1) {
    const auto made = add_descriptor(call,
                                     std::make_shared<SignalFd>(call.kernel.signals(), call.isa(), signals,
                                                                flags & isa::linux_abi::kONonBlock),
                                     (flags & isa::linux_abi::kOCloExec) != 0);
    if (!made) return made.error();
    return static_cast<std::uint64_t>(*made);
  }
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  auto* const known = dynamic_cast<SignalFd*>(file->get());
  if (known == nullptr) return Error{EINVAL};
  known->set_signals(signals, call.task);
  return static_cast<std::uint64_t>(fd);
}
SyscallResult sys_signalfd(Syscall& call) { return signalfd(call, 0); }
SyscallResult sys_signalfd4(Syscall& call) { return signalfd(call, call.args[3] & 0xffffffff); }

// sigaltstack(2): stack_t is a pointer, an int of flags, and a size.
SyscallResult sys_sigaltstack(Syscall& call) {
  Mm& mm = call.mm();
  Task& task = call.task;
  const AlternateStack old = task.alternate_stack;
  const bool on_it = old.holds(call.kernel.arch().stack_pointer(call.cpu));
  if (call.args[0] != 0) {
    const auto start = mm.read_word(call.address(0), 8);
    const auto flags = mm.read_word(call.address(0) + 8, 4);
    const auto size = mm.read_word(call.address(0) + 16, 8);
    if (!start || !flags || !size) return Error{EFAULT};
    if (on_it) return Error{EPERM};
    const auto mode = static_cast<std::uint32_t>(*flags) & ~AlternateStack::kAutoDisarm;
    if (mode != 0 && mode != AlternateStack::kOnStack && mode != AlternateStack::kDisable)
      return Error{EINVAL};
    if (mode == AlternateStack::kDisable) {
      task.alternate_stack = {GuestVa(), 0, static_cast<std::uint32_t>(*flags) & AlternateStack::kAutoDisarm};
    } else {
      if (*size < isa::linux_abi::differing(call.isa()).min_sig_stack) return Error{ENOMEM};
      task.alternate_stack = {GuestVa(*start), *size,
                              static_cast<std::uint32_t>(*flags) & AlternateStack::kAutoDisarm};
    }
  }
  if (call.args[1] != 0) {
    const std::uint32_t mode = old.size == 0 ? AlternateStack::kDisable
                               : on_it       ? AlternateStack::kOnStack
                                             : 0;
    if (!mm.write_word(call.address(1), old.start.value, 8) ||
        !mm.write_word(call.address(1) + 8, mode | old.flags, 4) ||
        !mm.write_word(call.address(1) + 16, old.size, 8)) {
      return Error{EFAULT};
    }
  }
  return 0;
}

SyscallResult sys_rt_sigreturn(Syscall& call) {
  Task& task = call.task;
  const auto back = call.kernel.arch().rt_sigreturn(call.cpu, call.mm(), task.arch);
  if (!back) {
    call.kernel.signals().force(task,
                                SigInfo(call.isa(), isa::linux_abi::kSigSegv, isa::linux_abi::kSiKernel));
    return Error{kRegistersSet};
  }
  call.kernel.signals().set_blocked(task, back->mask);
  // What cannot be set now is passed over (restore_altstack).
  if (!task.alternate_stack.holds(call.kernel.arch().stack_pointer(call.cpu))) {
    AlternateStack stack = back->stack;
    if ((stack.flags & AlternateStack::kDisable) != 0) stack = {};
    stack.flags &= AlternateStack::kAutoDisarm;
    task.alternate_stack = stack;
  }
  return Error{kRegistersSet};
}

// --- Sending
// -----------------------------------------------------------------------------------------------------

SigInfo from_user(Syscall& call, int signal, int code) {
  return SigInfo(call.isa(), signal, code).pid(call.task.tgid()).uid(0);
}

SyscallResult sys_kill(Syscall& call) {
  const int pid = call.integer(0);
  const int signal = call.integer(1);
  if (signal < 0 || signal > kSignals) return Error{EINVAL};
  if (pid == std::numeric_limits<int>::min()) return Error{ESRCH};  // it has no negative
  TaskTable& tasks = call.kernel.tasks();
  Signals& signals = call.kernel.signals();
  std::vector<Process*> targets;
  if (pid > 0) {
    // Any thread's number stands for its process.
    if (const Task* const task = tasks.find(pid)) targets.push_back(task->process.get());
  } else if (pid == -1) {
    for (const auto& [tid, task] : tasks.all()) {
      if (task->leader() && task->process != call.task.process) targets.push_back(task->process.get());
    }
  } else {
    targets = tasks.group(pid == 0 ? call.task.process->group : -pid);
  }
  // To find them and to send to each takes time.
  if (pid <= 0) call.cpu.charge(costs::kMoved * (tasks.size() + targets.size()));
  if (targets.empty()) return Error{ESRCH};
  if (signal == 0) return 0;
  const SigInfo info = from_user(call, signal, Signals::kUser);
  for (Process* const process : targets) (void)signals.send(info, *process);
  return 0;
}

SyscallResult send_to_thread(Syscall& call, int group, int tid, int signal, const SigInfo& info) {
  if (tid <= 0 || group == 0 || group < -1) return Error{EINVAL};
  Task* const task = call.kernel.tasks().find(tid);
  if (task == nullptr || (group > 0 && task->tgid() != group)) return Error{ESRCH};
  if (signal < 0 || signal > kSignals) return Error{EINVAL};
  if (signal == 0) return 0;
  return done(call.kernel.signals().send(info, *task));
}

SyscallResult sys_tkill(Syscall& call) {
  return send_to_thread(call, -1, call.integer(0), call.integer(1),
                        from_user(call, call.integer(1), Signals::kThread));
}
SyscallResult sys_tgkill(Syscall& call) {
  if (call.integer(0) <= 0) return Error{EINVAL};
  return send_to_thread(call, call.integer(0), call.integer(1), call.integer(2),
                        from_user(call, call.integer(2), Signals::kThread));
}

// A siginfo_t of the caller's, for a signal number beside it. EPERM: it would pass for the kernel's.
Result<SigInfo> siginfo_argument(Syscall& call, unsigned n, int signal, int target) {
  std::array<std::byte, SigInfo::kSize> bytes{};
  if (!call.mm().read(call.address(n), bytes)) return Error{EFAULT};
  isa::store_word(std::span(bytes).first(4), static_cast<std::uint32_t>(signal), isa::byte_order(call.isa()));
  const SigInfo info(call.isa(), bytes);
  if ((info.code() >= 0 || info.code() == Signals::kThread) && target != call.task.tgid())
    return Error{EPERM};
  return info;
}

SyscallResult sys_rt_sigqueueinfo(Syscall& call) {
  const int signal = call.integer(1);
  const auto info = siginfo_argument(call, 2, signal, call.integer(0));
  if (!info) return info.error();
  const Task* const task = call.kernel.tasks().find(call.integer(0));
  if (task == nullptr) return Error{ESRCH};
  if (signal < 0 || signal > kSignals) return Error{EINVAL};
  if (signal == 0) return 0;
  return done(call.kernel.signals().send(*info, *task->process));
}

SyscallResult sys_rt_tgsigqueueinfo(Syscall& call) {
  const int signal = call.integer(2);
  if (call.integer(0) <= 0 || call.integer(1) <= 0) return Error{EINVAL};
  const auto info =
      siginfo_argument(call, 3, signal, call.integer(1) == call.task.tid() ? call.task.tgid() : -1);
  if (!info) return info.error();
  return send_to_thread(call, call.integer(0), call.integer(1), signal, *info);
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> signal_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_rt_sigaction, sys_rt_sigaction},
      SyscallEntry{Name::sys_rt_sigprocmask, sys_rt_sigprocmask},
      SyscallEntry{Name::sys_rt_sigpending, sys_rt_sigpending},
      SyscallEntry{Name::sys_rt_sigsuspend, sys_rt_sigsuspend},
      SyscallEntry{Name::sys_rt_sigtimedwait, sys_rt_sigtimedwait},
      SyscallEntry{Name::sys_rt_sigreturn, sys_rt_sigreturn},
      SyscallEntry{Name::sys_rt_sigqueueinfo, sys_rt_sigqueueinfo},
      SyscallEntry{Name::sys_rt_tgsigqueueinfo, sys_rt_tgsigqueueinfo},
      SyscallEntry{Name::sys_signalfd, sys_signalfd},
      SyscallEntry{Name::sys_signalfd4, sys_signalfd4},
      SyscallEntry{Name::sys_sigaltstack, sys_sigaltstack},
      SyscallEntry{Name::sys_pause, sys_pause},
      SyscallEntry{Name::sys_kill, sys_kill},
      SyscallEntry{Name::sys_tkill, sys_tkill},
      SyscallEntry{Name::sys_tgkill, sys_tgkill},
  };
  return kTable;
}

}  // namespace trapline::kernel
