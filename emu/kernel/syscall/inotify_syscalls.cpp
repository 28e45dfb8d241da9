// inotify(7)
#include "emu/kernel/fs/inotify.hpp"

#include <array>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, S_*

SyscallResult init(Syscall& call, std::uint64_t flags) {
  if ((flags & ~(kOCloExec | kONonBlock)) != 0) return Error{EINVAL};
  auto file = make_inotify(call.isa(), call.kernel.file_system().watches(), call.kernel.machine().memory(),
                           flags & kONonBlock);
  if (!file) return file.error();
  const auto fd = add_descriptor(call, std::move(*file), (flags & kOCloExec) != 0);
  return fd ? SyscallResult(static_cast<std::uint64_t>(*fd)) : fd.error();
}

SyscallResult sys_inotify_init(Syscall& call) { return init(call, 0); }
SyscallResult sys_inotify_init1(Syscall& call) { return init(call, call.args[0] & 0xffffffff); }

SyscallResult sys_inotify_add_watch(Syscall& call) {
  constexpr std::uint32_t kAll = kInAllEvents | kInUnmount | kInQueueOverflow | kInIgnored | kInOnlyDir |
                                 kInDontFollow | kInExclUnlink | kInMaskCreate | kInMaskAdd | kInIsDir |
                                 kInOneShot;
  const auto mask = static_cast<std::uint32_t>(call.args[2]);
  if ((mask & ~kAll) != 0 || (mask & kAll) == 0) return Error{EINVAL};
  const auto instance = file_argument(call, 0);
  if (!instance) return instance.error();
  if ((mask & kInMaskAdd) != 0 && (mask & kInMaskCreate) != 0) return Error{EINVAL};
  if (!is_inotify(**instance)) return Error{EINVAL};
  const auto file = place_argument(call, kAtCwd, 1, (mask & kInDontFollow) != 0 ? kAtSymlinkNoFollow : 0);
  if (!file) return file.error();
  const auto status = (*file)->status();
  if (!status) return status.error();
  if ((mask & kInOnlyDir) != 0 && (status->mode & kSIfMt) != kSIfDir) return Error{ENOTDIR};
  return add_watch(**instance, {status->device, status->inode}, mask);
}

SyscallResult sys_inotify_rm_watch(Syscall& call) {
  const auto instance = file_argument(call, 0);
  if (!instance) return instance.error();
  return remove_watch(**instance, call.integer(1));
}

using Call = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> inotify_syscalls() {
  static constexpr std::array kCalls{
      SyscallEntry{Call::sys_inotify_init, sys_inotify_init},
      SyscallEntry{Call::sys_inotify_init1, sys_inotify_init1},
      SyscallEntry{Call::sys_inotify_add_watch, sys_inotify_add_watch},
      SyscallEntry{Call::sys_inotify_rm_watch, sys_inotify_rm_watch},
  };
  return kCalls;
}

}  // namespace trapline::kernel
