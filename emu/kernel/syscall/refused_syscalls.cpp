// Calls whose subject is there, but not for a user who is root of a user namespace only: EPERM, whatever else
// they are given; and those that a Linux configured without their subject answers likewise.
#include <array>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/clone.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): CLONE_*
using Name = isa::linux_abi::Syscall;

SyscallResult not_permitted(kernel::Syscall& /*call*/) { return Error{EPERM}; }

// What the caller shares with other tasks becomes its own. There is but one namespace of each kind.
SyscallResult sys_unshare(kernel::Syscall& call) {
  constexpr std::uint64_t kShared =
      kCloneThread | kCloneFs | kCloneSigHand | kCloneVm | kCloneFiles | kCloneSysVSem;
  const std::uint64_t flags = call.args[0];
  if ((flags & ~(kShared | kCloneNewNs | kCloneNamespaces)) != 0) return Error{EINVAL};
  Task& task = call.task;
  // A thread cannot leave its process, nor a process that others share memory with.
  if ((flags & (kCloneThread | kCloneSigHand | kCloneVm)) != 0 && !task.process->alone())
    return Error{EINVAL};
  if ((flags & (kCloneNewNs | kCloneNamespaces)) != 0) return Error{EPERM};
  if ((flags & kCloneFs) != 0) task.fs = std::make_shared<FsInfo>(*task.fs);
  if ((flags & kCloneFiles) != 0 && task.files.use_count() > 1) {
    if (!task.files->can_copy()) return Error{ENOMEM};
    task.files = std::make_shared<FdTable>(*task.files);
  }
  return 0;
}

// aio-max-nr is 0, so that there is no context to be had.
SyscallResult sys_io_setup(kernel::Syscall& call) {
  const auto context = call.mm().read_word(call.address(1), 8);
  if (!context) return Error{EFAULT};
  if (*context != 0 || (call.args[0] & 0xffffffff) == 0) return Error{EINVAL};
  return Error{EAGAIN};
}
SyscallResult no_context(kernel::Syscall& /*call*/) { return Error{EINVAL}; }

// No processor here has protection keys: none can be allocated, and key -1 is that of mprotect(2).
SyscallResult sys_pkey_alloc(kernel::Syscall& call) {
  if (call.args[0] != 0 || (call.args[1] & ~std::uint64_t{3}) != 0) return Error{EINVAL};
  return Error{ENOSPC};
}
SyscallResult sys_pkey_free(kernel::Syscall& /*call*/) { return Error{EINVAL}; }
SyscallResult sys_pkey_mprotect(kernel::Syscall& call) {
  constexpr int kNone = -1;
  if (call.integer(3) != kNone) return Error{EINVAL};
  return handler_of(Name::sys_mprotect)(call);
}

// quotactl(2) of a machine without a block device.
SyscallResult sys_quotactl(kernel::Syscall& call) {
  constexpr std::uint64_t kTypeMask = 0xff, kTypes = 3;  // SUBCMDMASK, MAXQUOTAS
  constexpr std::uint64_t kSync = 0x800001;              // Q_SYNC
  const std::uint64_t command = call.args[0] & 0xffffffff;
  if ((command & kTypeMask) >= kTypes) return Error{EINVAL};
  if (call.args[1] == 0) return command >> 8 == kSync ? SyscallResult(std::uint64_t{0}) : Error{ENODEV};
  const auto path = path_argument(call, 1);
  if (!path) return path.error();
  const auto whole = absolute_path(call, kAtCwd, *path);
  if (!whole) return whole.error();
  const auto status = call.kernel.file_system().status(call.task, *whole, true);
  return status ? Error{ENOTBLK} : status.error();
}

}  // namespace

std::span<const SyscallEntry> refused_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_acct, not_permitted},
      SyscallEntry{Name::sys_bpf, not_permitted},
      SyscallEntry{Name::sys_kexec_file_load, not_permitted},
      SyscallEntry{Name::sys_open_by_handle_at, not_permitted},
      SyscallEntry{Name::sys_setdomainname, not_permitted},
      SyscallEntry{Name::sys_sethostname, not_permitted},
      SyscallEntry{Name::sys_setns, not_permitted},
      SyscallEntry{Name::sys_swapoff, not_permitted},
      SyscallEntry{Name::sys_swapon, not_permitted},
      SyscallEntry{Name::sys_userfaultfd, not_permitted},
      SyscallEntry{Name::sys_vhangup, not_permitted},
      SyscallEntry{Name::sys_quotactl, sys_quotactl},
      SyscallEntry{Name::sys_unshare, sys_unshare},
      SyscallEntry{Name::sys_io_setup, sys_io_setup},
      SyscallEntry{Name::sys_io_destroy, no_context},
      SyscallEntry{Name::sys_io_submit, no_context},
      SyscallEntry{Name::sys_io_cancel, no_context},
      SyscallEntry{Name::sys_io_getevents, no_context},
      SyscallEntry{Name::sys_io_pgetevents, no_context},
      SyscallEntry{Name::sys_pkey_alloc, sys_pkey_alloc},
      SyscallEntry{Name::sys_pkey_free, sys_pkey_free},
      SyscallEntry{Name::sys_pkey_mprotect, sys_pkey_mprotect},
  };
  return kTable;
}

}  // namespace trapline::kernel
