// Processes by descriptors: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2).
#include <array>

#include "emu/kernel/fs/pidfd.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*

// Whom the pidfd in args[n] stands for: EBADF, ESRCH.
Result<Task*> pidfd_argument(Syscall& call, unsigned n) {
  const auto file = file_argument(call, n);
  if (!file) return file.error();
  const Pid* const pid = pid_of(**file);
  if (pid == nullptr) return Error{EBADF};
  Task* const leader = pid->task();
  if (leader == nullptr) return Error{ESRCH};
  return leader;
}

SyscallResult sys_pidfd_open(Syscall& call) {
  const std::uint64_t flags = call.args[1] & 0xffffffff;
  if ((flags & ~kONonBlock) != 0 || call.integer(0) <= 0) return Error{EINVAL};
  const Task* const task = call.kernel.tasks().find(call.integer(0));
  if (task == nullptr) return Error{ESRCH};
  if (!task->leader()) return Error{ENOENT};
  const auto fd = add_descriptor(call, make_pidfd(*task, flags), true);
  if (!fd) return fd.error();
  return static_cast<std::uint64_t>(*fd);
}

SyscallResult sys_pidfd_send_signal(Syscall& call) {
  const int signal = call.integer(1);
  if ((call.args[3] & 0xffffffff) != 0) return Error{EINVAL};
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const Pid* const pid = tgid_pidfd_to_pid(**file);
  if (pid == nullptr) return Error{EBADF};
  SigInfo info = SigInfo(call.isa(), signal, Signals::kUser).pid(call.task.tgid());
  if (call.args[2] != 0) {
    std::array<std::byte, SigInfo::kSize> bytes{};
    if (!call.mm().read(call.address(2), bytes)) return Error{EFAULT};
    info = SigInfo(call.isa(), bytes);
    if (info.signal() != signal) return Error{EINVAL};
    // What passes for the kernel's own a process may send to itself only.
    const bool foreign = info.code() >= 0 || info.code() == Signals::kThread;
    if (foreign && pid->task() != call.task.process->leader) return Error{EPERM};
  }
  Task* const leader = pid->task();
  if (leader == nullptr) return Error{ESRCH};
  if (signal < 0 || signal > kSignals) return Error{EINVAL};
  if (signal == 0) return 0;
  const Status sent = call.kernel.signals().send(info, *leader->process);
  return sent ? SyscallResult(std::uint64_t{0}) : sent.error();
}

SyscallResult sys_pidfd_getfd(Syscall& call) {
  if ((call.args[2] & 0xffffffff) != 0) return Error{EINVAL};
  const auto leader = pidfd_argument(call, 0);
  if (!leader) return leader.error();
  if (!(*leader)->files) return Error{ESRCH};
  const FdTable::Entry* const entry = (*leader)->files->find(call.integer(1));
  if (entry == nullptr) return Error{EBADF};
  const auto fd = add_descriptor(call, entry->file, true);
  if (!fd) return fd.error();
  return static_cast<std::uint64_t>(*fd);
}

using Name = isa::linux_abi::Syscall;

}  // namespace

Status check_pidfd_place(Syscall& call, GuestVa address) {
  const auto fd = call.task.files->lowest_free(0, descriptor_limit(call));
  if (!fd) return fd.error();
  if (call.mm().accessible(address, 4, isa::AccessKind::Write) != 4) return Error{EFAULT};
  return Done{};
}

void install_pidfd(Syscall& call, const Task& child, GuestVa address) {
  const auto fd = add_descriptor(call, make_pidfd(child, 0), true);
  if (fd) static_cast<void>(call.mm().write_word(address, static_cast<std::uint64_t>(*fd), 4));
}

std::span<const SyscallEntry> pidfd_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_pidfd_open, sys_pidfd_open},
      SyscallEntry{Name::sys_pidfd_send_signal, sys_pidfd_send_signal},
      SyscallEntry{Name::sys_pidfd_getfd, sys_pidfd_getfd},
  };
  return kTable;
}

}  // namespace trapline::kernel
