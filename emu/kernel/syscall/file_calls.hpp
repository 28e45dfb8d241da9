// The system calls on files by group, and what the groups share.
#pragma once

#include <cstdint>
#include <string>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

// An open file by the descriptor in args[n]; EBADF.
Result<FileRef> file_argument(Syscall& call, unsigned n);

// file_io.cpp: transfers, positions and sizes
SyscallResult sys_read(Syscall& call);
SyscallResult sys_write(Syscall& call);
SyscallResult sys_readv(Syscall& call);
SyscallResult sys_writev(Syscall& call);
SyscallResult sys_pread64(Syscall& call);
SyscallResult sys_pwrite64(Syscall& call);
SyscallResult sys_preadv(Syscall& call);
SyscallResult sys_pwritev(Syscall& call);
SyscallResult sys_lseek(Syscall& call);
SyscallResult sys_llseek(Syscall& call);
SyscallResult sys_ftruncate(Syscall& call);
SyscallResult sys_fsync(Syscall& call);
SyscallResult sys_fadvise64(Syscall& call);
SyscallResult sys_getdents64(Syscall& call);

// file_descriptors.cpp: the descriptor table
SyscallResult sys_close(Syscall& call);
SyscallResult sys_close_range(Syscall& call);
SyscallResult sys_dup(Syscall& call);
SyscallResult sys_dup2(Syscall& call);
SyscallResult sys_dup3(Syscall& call);
SyscallResult sys_fcntl(Syscall& call);
SyscallResult sys_ioctl(Syscall& call);

// file_names.cpp: paths to files
SyscallResult sys_open(Syscall& call);
SyscallResult sys_openat(Syscall& call);
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

// file_status.cpp: what is known of a file
SyscallResult sys_stat(Syscall& call);
SyscallResult sys_lstat(Syscall& call);
SyscallResult sys_fstat(Syscall& call);
SyscallResult sys_newfstatat(Syscall& call);
SyscallResult sys_statx(Syscall& call);
SyscallResult sys_access(Syscall& call);
SyscallResult sys_faccessat(Syscall& call);
SyscallResult sys_faccessat2(Syscall& call);

// A path of the guest as it passed it: EFAULT, ENAMETOOLONG, and ENOENT where it is empty.
Result<std::string> path_argument(Syscall& call, unsigned n);
// The same from the root on: relative to the folder open as `fd`, or to the working directory for AT_FDCWD.
// EBADF, ENOTDIR. An open folder is known by the path that it had when it was opened.
Result<std::string> absolute_path(Syscall& call, int fd, const std::string& path);
Result<std::string> path_argument_at(Syscall& call, int fd, unsigned n);

inline constexpr int kAtCwd = -100;  // AT_FDCWD as the int that a descriptor is

}  // namespace trapline::kernel
