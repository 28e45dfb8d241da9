// futex(2) and the lists of locks that threads hold.
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

SyscallResult sys_futex(Syscall& call) { return call.kernel.futexes().call(call); }
SyscallResult sys_futex_waitv(Syscall& call) { return call.kernel.futexes().wait_for_any(call); }

constexpr std::uint64_t kHeadSize = 24;

SyscallResult sys_set_robust_list(Syscall& call) {
  if (call.args[1] != kHeadSize) return Error{EINVAL};
  call.task.robust_list = call.address(0);
  return 0;
}

SyscallResult sys_get_robust_list(Syscall& call) {
  const Task* const task = call.integer(0) == 0 ? &call.task : call.kernel.tasks().find(call.integer(0));
  if (task == nullptr) return Error{ESRCH};
  if (!call.mm().write_word(call.address(2), kHeadSize, 8) ||
      !call.mm().write_word(call.address(1), task->robust_list.value, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> futex_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_futex, sys_futex},
      SyscallEntry{Name::sys_futex_waitv, sys_futex_waitv},
      SyscallEntry{Name::sys_set_robust_list, sys_set_robust_list},
      SyscallEntry{Name::sys_get_robust_list, sys_get_robust_list},
  };
  return kTable;
}

}  // namespace trapline::kernel
