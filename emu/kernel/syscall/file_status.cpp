#include <string>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

// linux/fcntl.h and linux/stat.h
constexpr std::uint64_t kAtEAccess = 0x200;
constexpr std::uint64_t kAtNoAutomount = 0x800;
constexpr std::uint64_t kAtStatxSyncType = 0x6000;
constexpr std::uint64_t kStatxReserved = 0x80000000;
constexpr std::uint64_t kStatFlags = kAtSymlinkNoFollow | kAtNoAutomount | kAtEmptyPath | kAtStatxSyncType;

// access(2)
constexpr std::uint64_t kXOk = 1;
constexpr std::uint64_t kWOk = 2;
constexpr std::uint64_t kROk = 4;

Stat layout(const FileStatus& status) {
  return {status.device,       status.inode,       status.links, status.mode, status.special_device,
          status.size,         status.block_size,  status.uid,   status.gid,  status.times.access,
          status.times.modify, status.times.change};
}

// The file that a call with AT_* flags means; the flags have been checked.
Result<FileStatus> status_at(Syscall& call, int fd, const std::string& path, std::uint64_t flags) {
  FileSystem& files = call.kernel.file_system();
  if (path.empty()) {
    if (fd == kAtCwd) return files.status(call.task, call.task.fs->working_directory, true);
    const auto* entry = call.task.files->find(fd);
    if (entry == nullptr) return Error{EBADF};
    return entry->file->status();
  }
  const auto whole = absolute_path(call, fd, path);
  if (!whole) return whole.error();
  return files.status(call.task, *whole, (flags & kAtSymlinkNoFollow) == 0);
}

// A path that may be empty with AT_EMPTY_PATH.
Result<std::string> path_with_flags(Syscall& call, unsigned n, std::uint64_t flags) {
  auto path = path_argument(call, n);
  if (!path && path.error().number == ENOENT && (flags & kAtEmptyPath) != 0) return std::string();
  return path;
}

SyscallResult put_argument(Syscall& call, unsigned n, const std::vector<std::byte>& bytes) {
  if (!call.mm().write(call.address(n), bytes)) return Error{EFAULT};
  return std::uint64_t{0};
}

SyscallResult stat_path(Syscall& call, std::uint64_t flags) {
  const auto path = path_argument(call, 0);
  if (!path) return path.error();
  const auto status = status_at(call, kAtCwd, *path, flags);
  if (!status) return status.error();
  return put_argument(call, 1, stat_bytes(call.isa(), layout(*status)));
}

// A guest is root: what permissions say does not bind it, but for running a file that nobody may run
// (access(2)).
SyscallResult access_at(Syscall& call, int fd, unsigned path_at, std::uint64_t flags) {
  const std::uint64_t mode = call.args[path_at + 1] & 0xffffffff;
  if ((mode & ~(kROk | kWOk | kXOk)) != 0) return Error{EINVAL};
  if ((flags & ~(kAtEAccess | kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return Error{EINVAL};
  const auto path = path_with_flags(call, path_at, flags);
  if (!path) return path.error();
  const auto status = status_at(call, fd, *path, flags);
  if (!status) return status.error();
  const std::uint32_t type = status->mode & kSIfMt;
  if ((mode & kXOk) != 0 && type != kSIfDir && (status->mode & 0111) == 0) return Error{EACCES};
  const bool on_file_system = type == kSIfReg || type == kSIfDir || type == kSIfLnk;
  if ((mode & kWOk) != 0 && on_file_system && status->read_only) return Error{EROFS};
  return std::uint64_t{0};
}

}  // namespace

SyscallResult sys_stat(Syscall& call) { return stat_path(call, 0); }
SyscallResult sys_lstat(Syscall& call) { return stat_path(call, kAtSymlinkNoFollow); }

SyscallResult sys_fstat(Syscall& call) {
  const auto file = any_file_argument(call, 0);
  if (!file) return file.error();
  const auto status = (*file)->status();
  if (!status) return status.error();
  return put_argument(call, 1, stat_bytes(call.isa(), layout(*status)));
}

SyscallResult sys_newfstatat(Syscall& call) {
  const std::uint64_t flags = call.args[3] & 0xffffffff;
  const auto path = path_with_flags(call, 1, flags);
  if (!path) return path.error();
  if ((flags & ~kStatFlags) != 0) return Error{EINVAL};
  const auto status = status_at(call, call.integer(0), *path, flags);
  if (!status) return status.error();
  return put_argument(call, 2, stat_bytes(call.isa(), layout(*status)));
}

SyscallResult sys_statx(Syscall& call) {
  const std::uint64_t flags = call.args[2] & 0xffffffff;
  if ((call.args[3] & kStatxReserved) != 0) return Error{EINVAL};
  if ((flags & kAtStatxSyncType) == kAtStatxSyncType) return Error{EINVAL};
  const auto path = path_with_flags(call, 1, flags);
  if (!path) return path.error();
  if ((flags & ~kStatFlags) != 0) return Error{EINVAL};
  const auto status = status_at(call, call.integer(0), *path, flags);
  if (!status) return status.error();
  return put_argument(call, 4, statx_bytes(call.isa(), layout(*status)));
}

SyscallResult sys_statfs(Syscall& call) {
  const auto path = path_argument_at(call, kAtCwd, 0);
  if (!path) return path.error();
  const auto status = call.kernel.file_system().status(call.task, *path, true);
  if (!status) return status.error();
  return put_argument(call, 1,
                      statfs_bytes(call.isa(), statfs_of(*status, call.kernel.file_system().root_use())));
}

SyscallResult sys_fstatfs(Syscall& call) {
  const auto file = any_file_argument(call, 0);
  if (!file) return file.error();
  const auto status = (*file)->status();
  if (!status) return status.error();
  return put_argument(call, 1,
                      statfs_bytes(call.isa(), statfs_of(*status, call.kernel.file_system().root_use())));
}

// The same with the size of the structure in between: on PPC64, what the C library calls.
SyscallResult sys_statfs64(Syscall& call) {
  if (call.args[1] != kStatFsSize) return Error{EINVAL};
  std::swap(call.args[1], call.args[2]);
  return sys_statfs(call);
}
SyscallResult sys_fstatfs64(Syscall& call) {
  if (call.args[1] != kStatFsSize) return Error{EINVAL};
  std::swap(call.args[1], call.args[2]);
  return sys_fstatfs(call);
}

SyscallResult sys_access(Syscall& call) { return access_at(call, kAtCwd, 0, 0); }
SyscallResult sys_faccessat(Syscall& call) { return access_at(call, call.integer(0), 1, 0); }
SyscallResult sys_faccessat2(Syscall& call) {
  return access_at(call, call.integer(0), 1, call.args[3] & 0xffffffff);
}

}  // namespace trapline::kernel
