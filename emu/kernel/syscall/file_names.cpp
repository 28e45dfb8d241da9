#include <algorithm>
#include <string>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

constexpr std::uint64_t kPathMax = 4096;  // bytes of a path with its NUL, linux/limits.h
constexpr std::uint32_t kPermissions = 0777;

SyscallResult value(const Status& status) {
  if (!status) return status.error();
  return std::uint64_t{0};
}

std::uint32_t creation_mode(Syscall& call, unsigned n) {
  return static_cast<std::uint32_t>(call.args[n]) & ~call.task.fs->umask;
}

SyscallResult open_at(Syscall& call, int folder, unsigned path_at, std::uint64_t flags, std::uint32_t mode) {
  const auto path = path_argument(call, path_at);
  if (!path) return path.error();
  FdTable& files = *call.task.files;
  // Before anything is made or truncated.
  if (const auto fd = files.lowest_free(0, descriptor_limit(call)); !fd) return fd.error();
  const auto whole = absolute_path(call, folder, *path);
  if (!whole) return whole.error();
  auto file = call.kernel.file_system().open(call.task, *whole, flags & 0xffffffff, mode);
  if (!file) return file.error();
  const auto fd = add_descriptor(call, std::move(*file), (flags & kOCloExec) != 0);
  return fd ? SyscallResult(static_cast<std::uint64_t>(*fd)) : fd.error();
}

// readlink(2) does not end the text with a NUL, and cuts it silently.
SyscallResult read_link_at(Syscall& call, int folder, unsigned path_at) {
  const int size = call.integer(path_at + 2);
  if (size <= 0) return Error{EINVAL};
  const auto path = path_argument_at(call, folder, path_at);
  if (!path) return path.error();
  const auto target = call.kernel.file_system().read_link(call.task, *path);
  if (!target) return target.error();
  const auto text =
      std::as_bytes(std::span(*target)).first(std::min(target->size(), static_cast<std::size_t>(size)));
  if (!call.mm().write(call.address(path_at + 1), text)) return Error{EFAULT};
  return text.size();
}

SyscallResult make_folder_at(Syscall& call, int folder, unsigned path_at) {
  const auto path = path_argument_at(call, folder, path_at);
  if (!path) return path.error();
  return value(call.kernel.file_system().make_folder(call.task, *path, creation_mode(call, path_at + 1)));
}

SyscallResult remove_at(Syscall& call, int from, unsigned path_at, bool folder) {
  const auto path = path_argument_at(call, from, path_at);
  if (!path) return path.error();
  return value(call.kernel.file_system().remove(call.task, *path, folder));
}

SyscallResult rename_at(Syscall& call, int from, unsigned from_at, int to, unsigned to_at) {
  const auto old_path = path_argument(call, from_at);
  if (!old_path) return old_path.error();
  const auto new_path = path_argument(call, to_at);
  if (!new_path) return new_path.error();
  const auto old_whole = absolute_path(call, from, *old_path);
  if (!old_whole) return old_whole.error();
  const auto new_whole = absolute_path(call, to, *new_path);
  if (!new_whole) return new_whole.error();
  return value(call.kernel.file_system().rename(call.task, *old_whole, *new_whole));
}

}  // namespace

Result<std::string> path_argument(Syscall& call, unsigned n) {
  auto path = call.mm().read_string(call.address(n), kPathMax);
  if (path && path->empty()) return Error{ENOENT};
  return path;
}

Result<std::string> absolute_path(Syscall& call, int fd, const std::string& path) {
  if (path.starts_with('/')) return path;
  if (fd == kAtCwd) return call.task.fs->working_directory + '/' + path;
  const auto* entry = call.task.files->find(fd);
  if (entry == nullptr) return Error{EBADF};
  const auto status = entry->file->status();
  if (!status) return status.error();
  if ((status->mode & kSIfMt) != kSIfDir) return Error{ENOTDIR};
  return entry->file->name() + '/' + path;
}

Result<std::string> path_argument_at(Syscall& call, int fd, unsigned n) {
  const auto path = path_argument(call, n);
  return path ? absolute_path(call, fd, *path) : path;
}

SyscallResult sys_open(Syscall& call) {
  return open_at(call, kAtCwd, 0, call.args[1], creation_mode(call, 2));
}
SyscallResult sys_openat(Syscall& call) {
  return open_at(call, call.integer(0), 1, call.args[2], creation_mode(call, 3));
}
SyscallResult sys_creat(Syscall& call) {
  return open_at(call, kAtCwd, 0, kOCreat | kOWrOnly | kOTrunc, creation_mode(call, 1));
}

SyscallResult sys_truncate(Syscall& call) {
  if (static_cast<std::int64_t>(call.args[1]) < 0) return Error{EINVAL};
  const auto path = path_argument_at(call, kAtCwd, 0);
  if (!path) return path.error();
  const auto file = call.kernel.file_system().open(call.task, *path, kOWrOnly, 0);
  if (!file) return file.error();
  return truncate(call, **file);
}

SyscallResult sys_readlink(Syscall& call) { return read_link_at(call, kAtCwd, 0); }
SyscallResult sys_readlinkat(Syscall& call) { return read_link_at(call, call.integer(0), 1); }

// The system call counts the NUL, which getcwd(3) hides.
SyscallResult sys_getcwd(Syscall& call) {
  const std::string& path = call.task.fs->working_directory;
  if (call.args[1] < path.size() + 1) return Error{ERANGE};
  const auto text = std::as_bytes(std::span(path.c_str(), path.size() + 1));
  if (!call.mm().write(call.address(0), text)) return Error{EFAULT};
  return text.size();
}

SyscallResult sys_chdir(Syscall& call) {
  const auto path = path_argument_at(call, kAtCwd, 0);
  if (!path) return path.error();
  const auto folder = call.kernel.file_system().folder(call.task, *path);
  if (!folder) return folder.error();
  call.task.fs->working_directory = *folder;
  return std::uint64_t{0};
}

SyscallResult sys_fchdir(Syscall& call) {
  const auto path = absolute_path(call, call.integer(0), ".");
  if (call.integer(0) == kAtCwd) return Error{EBADF};
  if (!path) return path.error();
  const auto folder = call.kernel.file_system().folder(call.task, *path);
  if (!folder) return folder.error();
  call.task.fs->working_directory = *folder;
  return std::uint64_t{0};
}

SyscallResult sys_mkdir(Syscall& call) { return make_folder_at(call, kAtCwd, 0); }
SyscallResult sys_mkdirat(Syscall& call) { return make_folder_at(call, call.integer(0), 1); }
SyscallResult sys_rmdir(Syscall& call) { return remove_at(call, kAtCwd, 0, true); }
SyscallResult sys_unlink(Syscall& call) { return remove_at(call, kAtCwd, 0, false); }
SyscallResult sys_unlinkat(Syscall& call) {
  const std::uint64_t flags = call.args[2] & 0xffffffff;
  if ((flags & ~kAtRemoveDir) != 0) return Error{EINVAL};
  return remove_at(call, call.integer(0), 1, flags != 0);
}

SyscallResult sys_rename(Syscall& call) { return rename_at(call, kAtCwd, 0, kAtCwd, 1); }
SyscallResult sys_renameat(Syscall& call) { return rename_at(call, call.integer(0), 1, call.integer(2), 3); }
// RENAME_NOREPLACE and the like: EINVAL, as of a file system that has none (rename(2)).
SyscallResult sys_renameat2(Syscall& call) {
  if ((call.args[4] & 0xffffffff) != 0) return Error{EINVAL};
  return sys_renameat(call);
}

SyscallResult sys_umask(Syscall& call) {
  const std::uint32_t old = call.task.fs->umask;
  call.task.fs->umask = static_cast<std::uint32_t>(call.args[0]) & kPermissions;
  return old;
}

}  // namespace trapline::kernel
