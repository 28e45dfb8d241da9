#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/leases.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/signal/sigio.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

constexpr std::uint32_t kPermissions = 0777;

// What open(2) makes of flags that do not go together, and openat2(2) refuses (build_open_flags()).
std::uint64_t usual_flags(Syscall& call, std::uint64_t flags) {
  const Differing bits = differing(call.isa());
  if ((flags & kOPath) != 0) flags &= kOPath | bits.o_directory | bits.o_nofollow | kOCloExec;
  return flags & 0xffffffff;
}

SyscallResult open_at(Syscall& call, int folder, unsigned path_at, std::uint64_t flags, std::uint32_t mode,
                      ResolveHow how = {}) {
  // __O_TMPFILE is only there together with O_DIRECTORY, and to be written to.
  const Differing bits = differing(call.isa());
  if ((flags & kOTmpFile) != 0 &&
      ((flags & bits.o_directory) == 0 || (flags & kOCreat) != 0 || (flags & kOAccMode) == 0))
    return Error{EINVAL};
  const auto path = path_argument(call, path_at);
  if (!path) return path.error();
  FdTable& files = *call.task.files;
  // Before anything is made or truncated.
  if (const auto fd = files.lowest_free(0, descriptor_limit(call)); !fd) return fd.error();
  const auto whole = how.scoped() && path->starts_with('/') ? path : absolute_path(call, folder, *path);
  if (!whole) return whole.error();
  if (how.scoped()) {
    const auto from = absolute_path(call, folder, ".");
    if (!from) return from.error();
    const auto base = call.kernel.file_system().folder(call.task, *from);
    if (!base) return base.error();
    how.base = *base;
  }
  const std::string& wanted = how.scoped() ? *path : *whole;
  FileRef& held = call.task.call.file;  // while it waits for the other end of a named pipe
  auto file =
      held ? Result<FileRef>(held) : call.kernel.file_system().open(call.task, wanted, flags, mode, how);
  if (!file) return file.error();
  if ((*file)->opening()) {
    held = *file;
    return call.sleep({(*file)->wait_queue()});
  }
  if (Leases* const leases = (*file)->leases(); leases != nullptr && leases->conflict(**file)) {
    for (const File* const holder : leases->untold(**file))
      call.kernel.signals().send_sigio(*holder, PollReason::Message);
    if ((flags & kONonBlock) != 0) return Error{EAGAIN};
    held = *file;
    call.deadline(Leases::kBreakTime);
    if (!call.timed_out()) return call.sleep({&leases->queue});
    leases->take(**file);
  }
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
  constexpr std::uint32_t kOfFolder = kPermissions | kSIsVtx;
  return done(
      call.kernel.file_system().make_folder(call.task, *path, creation_mode(call, path_at + 1) & kOfFolder));
}

SyscallResult remove_at(Syscall& call, int from, unsigned path_at, bool folder) {
  const auto path = path_argument_at(call, from, path_at);
  if (!path) return path.error();
  return done(call.kernel.file_system().remove(call.task, *path, folder));
}

SyscallResult rename_at(Syscall& call, int from, unsigned from_at, int to, unsigned to_at,
                        std::uint64_t flags = 0) {
  enum : std::uint64_t { kNoReplace = 1, kExchange = 2, kWhiteout = 4 };
  if ((flags & ~std::uint64_t{kNoReplace | kExchange}) != 0)
    return Error{EINVAL};  // no devices, no whiteouts
  if (flags == (kNoReplace | kExchange)) return Error{EINVAL};
  const auto old_path = path_argument(call, from_at);
  if (!old_path) return old_path.error();
  const auto old_whole = absolute_path(call, from, *old_path);
  if (!old_whole) return old_whole.error();
  const auto new_path = path_argument(call, to_at);
  if (!new_path) {
    // Where the old name should lie comes first.
    const auto parent = call.kernel.file_system().folder(call.task, split_last(*old_whole).folder);
    return parent ? new_path.error() : parent.error();
  }
  const auto new_whole = absolute_path(call, to, *new_path);
  if (!new_whole) return new_whole.error();
  return done(
      call.kernel.file_system().rename(call.task, *old_whole, *new_whole, static_cast<unsigned>(flags)));
}

SyscallResult symlink_at(Syscall& call, int folder, unsigned path_at) {
  const auto target = path_argument(call, 0);
  if (!target) return target.error();
  const auto path = path_argument_at(call, folder, path_at);
  if (!path) return path.error();
  return done(call.kernel.file_system().make_link(call.task, *path, *target));
}

SyscallResult link_at(Syscall& call, int from, unsigned from_at, int to, unsigned to_at,
                      std::uint64_t flags) {
  if ((flags & ~(kAtSymlinkFollow | kAtEmptyPath)) != 0) return Error{EINVAL};
  FileSystem& files = call.kernel.file_system();
  const auto old_path = path_argument(call, from_at);
  const bool of_descriptor = !old_path && old_path.error().number == ENOENT && (flags & kAtEmptyPath) != 0;
  if (!old_path && !of_descriptor) return old_path.error();
  const auto new_path = path_argument(call, to_at);
  if (of_descriptor) {
    const auto* entry = call.task.files->find(from);
    if (entry == nullptr) return Error{from == kAtCwd ? EPERM : EBADF};
    if (!new_path) return new_path.error();
    const auto new_whole = absolute_path(call, to, *new_path);
    if (!new_whole) return new_whole.error();
    return done(files.add_name(call.task, *entry->file, *new_whole));
  }
  const auto old_whole = absolute_path(call, from, *old_path);
  if (!old_whole) return old_whole.error();
  const bool follow = (flags & kAtSymlinkFollow) != 0;
  if (const auto there = files.status(call.task, *old_whole, follow); !there) return there.error();
  if (!new_path) return new_path.error();
  const auto new_whole = absolute_path(call, to, *new_path);
  if (!new_whole) return new_whole.error();
  return done(files.add_name(call.task, *old_whole, follow, *new_whole));
}

// mknod(2). The kinds that there are: may_mknod().
SyscallResult mknod_at(Syscall& call, int folder, unsigned path_at) {
  const auto mode = static_cast<std::uint32_t>(call.args[path_at + 1]);
  const std::uint32_t type = mode & kSIfMt;
  if (type == kSIfDir) return Error{EPERM};
  constexpr std::array kKinds{0u, kSIfReg, kSIfChr, kSIfBlk, kSIfIfo, kSIfSock};
  if (std::ranges::find(kKinds, type) == kKinds.end()) return Error{EINVAL};
  const auto path = path_argument_at(call, folder, path_at);
  if (!path) return path.error();
  const std::uint32_t wanted = (mode & ~kModeBits & kSIfMt) | (creation_mode(call, path_at + 1) & kModeBits);
  return done(call.kernel.file_system().make_node(call.task, *path, wanted));
}

}  // namespace

std::uint32_t creation_mode(Syscall& call, unsigned n) {
  return static_cast<std::uint32_t>(call.args[n]) & kModeBits & ~call.task.fs->umask;
}

Result<FileRef> place_argument(Syscall& call, int fd, unsigned n, std::uint64_t flags) {
  const auto path = path_argument(call, n);
  const bool empty = !path && path.error().number == ENOENT && (flags & kAtEmptyPath) != 0;
  if (!path && !empty) return path.error();
  FileSystem& files = call.kernel.file_system();
  if (empty && fd != kAtCwd) {
    const auto* entry = call.task.files->find(fd);
    return entry == nullptr ? Result<FileRef>(Error{EBADF}) : entry->file;
  }
  const auto whole = absolute_path(call, fd, empty ? "." : *path);
  if (!whole) return whole.error();
  return files.place(call.task, *whole, (flags & kAtSymlinkNoFollow) == 0);
}

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
  return open_at(call, kAtCwd, 0, usual_flags(call, call.args[1]), creation_mode(call, 2));
}
SyscallResult sys_openat(Syscall& call) {
  return open_at(call, call.integer(0), 1, usual_flags(call, call.args[2]), creation_mode(call, 3));
}

// struct open_how: flags, mode, resolve. Of a longer one, the rest has to be zero (copy_struct_from_user()).
SyscallResult sys_openat2(Syscall& call) {
  constexpr std::uint64_t kSize = 24, kMostSize = 4096;
  constexpr std::uint64_t kAllResolve = kResolveNoXdev | kResolveNoMagicLinks | kResolveNoSymlinks |
                                        kResolveBeneath | kResolveInRoot | kResolveCached;
  const std::uint64_t size = call.args[3];
  if (size < kSize) return Error{EINVAL};
  if (size > kMostSize) return Error{E2BIG};
  std::array<std::uint64_t, 3> how{};
  for (unsigned i = 0; i < how.size(); ++i) {
    const auto word = call.mm().read_word(call.address(2) + 8 * i, 8);
    if (!word) return Error{EFAULT};
    how[i] = *word;
  }
  std::vector<std::byte> rest(size - kSize);
  if (!call.mm().read(call.address(2) + kSize, rest)) return Error{EFAULT};
  if (std::ranges::any_of(rest, [](std::byte b) { return b != std::byte{0}; })) return Error{E2BIG};
  const auto [flags, mode, resolve] = how;
  const Differing bits = differing(call.isa());
  const std::uint64_t all = kOAccMode | kOCreat | kOExcl | kONoCtty | kOTrunc | kOAppend | kONonBlock |
                            kODSync | kOSync | kOAsync | bits.o_direct | bits.o_largefile | bits.o_directory |
                            bits.o_nofollow | kONoATime | kOCloExec | kOPath | kOTmpFile;
  if ((flags & ~all) != 0 || (resolve & ~kAllResolve) != 0) return Error{EINVAL};
  if ((resolve & kResolveBeneath) != 0 && (resolve & kResolveInRoot) != 0) return Error{EINVAL};
  const bool creates = (flags & (kOCreat | kOTmpFile)) != 0;
  if (creates ? (mode & ~std::uint64_t{kModeBits}) != 0 : mode != 0) return Error{EINVAL};
  if ((flags & kOPath) != 0 && (flags & ~(kOPath | bits.o_directory | bits.o_nofollow | kOCloExec)) != 0)
    return Error{EINVAL};
  if ((resolve & kResolveCached) != 0 && (flags & (kOTrunc | kOCreat | kOTmpFile)) != 0) return Error{EAGAIN};
  const std::uint32_t permissions = static_cast<std::uint32_t>(mode) & ~call.task.fs->umask;
  return open_at(call, call.integer(0), 1, flags, permissions, {.flags = resolve});
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
  if (!call.kernel.file_system().folder(call.task, path)) return Error{ENOENT};
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
SyscallResult sys_renameat2(Syscall& call) {
  return rename_at(call, call.integer(0), 1, call.integer(2), 3, call.args[4] & 0xffffffff);
}

SyscallResult sys_symlink(Syscall& call) { return symlink_at(call, kAtCwd, 1); }
SyscallResult sys_symlinkat(Syscall& call) { return symlink_at(call, call.integer(1), 2); }
SyscallResult sys_link(Syscall& call) { return link_at(call, kAtCwd, 0, kAtCwd, 1, 0); }
SyscallResult sys_linkat(Syscall& call) {
  return link_at(call, call.integer(0), 1, call.integer(2), 3, call.args[4] & 0xffffffff);
}
SyscallResult sys_mknod(Syscall& call) { return mknod_at(call, kAtCwd, 0); }
SyscallResult sys_mknodat(Syscall& call) { return mknod_at(call, call.integer(0), 1); }

SyscallResult sys_umask(Syscall& call) {
  const std::uint32_t old = call.task.fs->umask;
  call.task.fs->umask = static_cast<std::uint32_t>(call.args[0]) & kPermissions;
  return old;
}

}  // namespace trapline::kernel
