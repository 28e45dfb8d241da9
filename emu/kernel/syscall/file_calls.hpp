// The system calls on files by group, and what the groups share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

// An open file by the descriptor in args[n]; EBADF, also for what O_PATH opened.
Result<FileRef> file_argument(Syscall& call, unsigned n);
// The same with what O_PATH opened.
Result<FileRef> any_file_argument(Syscall& call, unsigned n);
// What the caller's new descriptors stay below: the soft RLIMIT_NOFILE.
int descriptor_limit(const Syscall& call);
// A descriptor for a file, the lowest one that is free from `from` on; EMFILE.
Result<int> add_descriptor(Syscall& call, FileRef file, bool close_on_exec, int from = 0);

// A signal of the call's own doing, SIGPIPE or SIGXFSZ.
void send_to_itself(Syscall& call, int signal);

// file_io.cpp: transfers, positions and sizes
SyscallResult sys_read(Syscall& call);
SyscallResult sys_write(Syscall& call);
SyscallResult sys_readv(Syscall& call);
SyscallResult sys_writev(Syscall& call);
SyscallResult sys_pread64(Syscall& call);
SyscallResult sys_pwrite64(Syscall& call);
SyscallResult sys_preadv(Syscall& call);
SyscallResult sys_pwritev(Syscall& call);
SyscallResult sys_preadv2(Syscall& call);
SyscallResult sys_pwritev2(Syscall& call);
SyscallResult sys_lseek(Syscall& call);
SyscallResult sys_llseek(Syscall& call);
SyscallResult sys_ftruncate(Syscall& call);
// To the size in args[1], within RLIMIT_FSIZE.
SyscallResult truncate(Syscall& call, File& file);
SyscallResult sys_fsync(Syscall& call);
SyscallResult sys_fadvise64(Syscall& call);
SyscallResult sys_getdents64(Syscall& call);

// file_transfers.cpp: between two files, and what concerns storage
SyscallResult sys_copy_file_range(Syscall& call);
SyscallResult sys_sendfile(Syscall& call);
SyscallResult sys_splice(Syscall& call);
SyscallResult sys_tee(Syscall& call);
SyscallResult sys_vmsplice(Syscall& call);
SyscallResult sys_fallocate(Syscall& call);
SyscallResult sys_readahead(Syscall& call);
SyscallResult sys_sync_file_range(Syscall& call);
SyscallResult sys_sync_file_range2(Syscall& call);
SyscallResult sys_syncfs(Syscall& call);
SyscallResult sys_sync(Syscall& call);

// file_descriptors.cpp: the descriptor table
SyscallResult sys_close(Syscall& call);
SyscallResult sys_close_range(Syscall& call);
SyscallResult sys_dup(Syscall& call);
SyscallResult sys_dup2(Syscall& call);
SyscallResult sys_dup3(Syscall& call);
SyscallResult sys_fcntl(Syscall& call);
SyscallResult sys_ioctl(Syscall& call);

// file_owner.cpp: who gets signals about a file (fcntl(2), "Managing signals")
SyscallResult set_owner(Syscall& call, File& file);  // F_SETOWN: args[2] is a process, or a negative group
SyscallResult get_owner(const File& file);
SyscallResult set_owner_ex(Syscall& call, File& file);  // F_SETOWN_EX: args[2] points to a struct f_owner_ex
SyscallResult get_owner_ex(Syscall& call, const File& file);

// file_lock_calls.cpp: advisory locks
// F_GETLK, F_SETLK and their kin; nothing: the command is another.
std::optional<SyscallResult> lock_command(Syscall& call, int command, const FileRef& file);
SyscallResult sys_flock(Syscall& call);

// file_memory.cpp: files in memory
SyscallResult sys_memfd_create(Syscall& call);

// file_names.cpp: paths to files
SyscallResult sys_open(Syscall& call);
SyscallResult sys_openat(Syscall& call);
SyscallResult sys_openat2(Syscall& call);
SyscallResult sys_creat(Syscall& call);
SyscallResult sys_truncate(Syscall& call);
SyscallResult sys_readlink(Syscall& call);
SyscallResult sys_readlinkat(Syscall& call);
SyscallResult sys_getcwd(Syscall& call);
SyscallResult sys_chdir(Syscall& call);
SyscallResult sys_fchdir(Syscall& call);
SyscallResult sys_mkdir(Syscall& call);
SyscallResult sys_mkdirat(Syscall& call);
SyscallResult sys_rmdir(Syscall& call);
SyscallResult sys_unlink(Syscall& call);
SyscallResult sys_unlinkat(Syscall& call);
SyscallResult sys_rename(Syscall& call);
SyscallResult sys_renameat(Syscall& call);
SyscallResult sys_renameat2(Syscall& call);
SyscallResult sys_umask(Syscall& call);

SyscallResult sys_symlink(Syscall& call);
SyscallResult sys_symlinkat(Syscall& call);
SyscallResult sys_link(Syscall& call);
SyscallResult sys_linkat(Syscall& call);
SyscallResult sys_mknod(Syscall& call);
SyscallResult sys_mknodat(Syscall& call);

// file_attributes.cpp: permissions, owners and times
SyscallResult sys_chmod(Syscall& call);
SyscallResult sys_fchmod(Syscall& call);
SyscallResult sys_fchmodat(Syscall& call);
SyscallResult sys_chown(Syscall& call);
SyscallResult sys_lchown(Syscall& call);
SyscallResult sys_fchown(Syscall& call);
SyscallResult sys_fchownat(Syscall& call);
SyscallResult sys_utime(Syscall& call);
SyscallResult sys_utimes(Syscall& call);
SyscallResult sys_futimesat(Syscall& call);
SyscallResult sys_utimensat(Syscall& call);

// xattr_calls.cpp: extended attributes
SyscallResult sys_setxattr(Syscall& call);
SyscallResult sys_lsetxattr(Syscall& call);
SyscallResult sys_fsetxattr(Syscall& call);
SyscallResult sys_getxattr(Syscall& call);
SyscallResult sys_lgetxattr(Syscall& call);
SyscallResult sys_fgetxattr(Syscall& call);
SyscallResult sys_listxattr(Syscall& call);
SyscallResult sys_llistxattr(Syscall& call);
SyscallResult sys_flistxattr(Syscall& call);
SyscallResult sys_removexattr(Syscall& call);
SyscallResult sys_lremovexattr(Syscall& call);
SyscallResult sys_fremovexattr(Syscall& call);

// file_status.cpp: what is known of a file
SyscallResult sys_stat(Syscall& call);
SyscallResult sys_lstat(Syscall& call);
SyscallResult sys_fstat(Syscall& call);
SyscallResult sys_newfstatat(Syscall& call);
SyscallResult sys_statx(Syscall& call);
SyscallResult sys_statfs(Syscall& call);
SyscallResult sys_fstatfs(Syscall& call);
SyscallResult sys_statfs64(Syscall& call);
SyscallResult sys_fstatfs64(Syscall& call);
SyscallResult sys_access(Syscall& call);
SyscallResult sys_faccessat(Syscall& call);
SyscallResult sys_faccessat2(Syscall& call);

// A path of the guest as it passed it: EFAULT, ENAMETOOLONG, and ENOENT where it is empty.
Result<std::string> path_argument(Syscall& call, unsigned n);
// The same from the root on: relative to the folder open as `fd`, or to the working directory for AT_FDCWD.
// EBADF, ENOTDIR. An open folder is known by the path that it had when it was opened.
Result<std::string> absolute_path(Syscall& call, int fd, const std::string& path);
Result<std::string> path_argument_at(Syscall& call, int fd, unsigned n);

// What a call with AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW means by args[n], which have been checked: a place
// (FileSystem::place()), or the open file itself.
Result<FileRef> place_argument(Syscall& call, int fd, unsigned n, std::uint64_t flags);
// The permissions of a new file by args[n], without those that umask(2) keeps off.
std::uint32_t creation_mode(Syscall& call, unsigned n);

inline constexpr int kAtCwd = -100;  // AT_FDCWD as the int that a descriptor is

}  // namespace trapline::kernel
