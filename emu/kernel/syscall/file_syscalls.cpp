#include "emu/kernel/syscall/file_calls.hpp"

namespace trapline::kernel {

std::span<const SyscallEntry> file_syscalls() {
  using Call = isa::linux_abi::Syscall;
  static constexpr SyscallEntry kCalls[] = {
      {Call::sys_read, sys_read},
      {Call::sys_write, sys_write},
      {Call::sys_readv, sys_readv},
      {Call::sys_writev, sys_writev},
      {Call::sys_pread64, sys_pread64},
      {Call::sys_pwrite64, sys_pwrite64},
      {Call::sys_preadv, sys_preadv},
      {Call::sys_pwritev, sys_pwritev},
      {Call::sys_lseek, sys_lseek},
      {Call::sys__llseek, sys_llseek},
      {Call::sys_ftruncate, sys_ftruncate},
      {Call::sys_fsync, sys_fsync},
      {Call::sys_fdatasync, sys_fsync},
      {Call::sys_fadvise64, sys_fadvise64},
      {Call::sys_getdents64, sys_getdents64},
      {Call::sys_close, sys_close},
      {Call::sys_close_range, sys_close_range},
      {Call::sys_dup, sys_dup},
      {Call::sys_dup2, sys_dup2},
      {Call::sys_dup3, sys_dup3},
      {Call::sys_fcntl, sys_fcntl},
      {Call::sys_ioctl, sys_ioctl},
      {Call::sys_open, sys_open},
      {Call::sys_openat, sys_openat},
      {Call::sys_creat, sys_creat},
      {Call::sys_truncate, sys_truncate},
      {Call::sys_readlink, sys_readlink},
      {Call::sys_readlinkat, sys_readlinkat},
      {Call::sys_getcwd, sys_getcwd},
      {Call::sys_chdir, sys_chdir},
      {Call::sys_fchdir, sys_fchdir},
      {Call::sys_mkdir, sys_mkdir},
      {Call::sys_mkdirat, sys_mkdirat},
      {Call::sys_rmdir, sys_rmdir},
      {Call::sys_unlink, sys_unlink},
      {Call::sys_unlinkat, sys_unlinkat},
      {Call::sys_rename, sys_rename},
      {Call::sys_renameat, sys_renameat},
      {Call::sys_renameat2, sys_renameat2},
      {Call::sys_umask, sys_umask},
      {Call::sys_flock, sys_flock},
      {Call::sys_memfd_create, sys_memfd_create},
      {Call::sys_fchmod, sys_fchmod},
      {Call::sys_stat, sys_stat},
      {Call::sys_lstat, sys_lstat},
      {Call::sys_fstat, sys_fstat},
      {Call::sys_newfstatat, sys_newfstatat},
      {Call::sys_statx, sys_statx},
      {Call::sys_access, sys_access},
      {Call::sys_faccessat, sys_faccessat},
      {Call::sys_faccessat2, sys_faccessat2},
  };
  return kCalls;
}

}  // namespace trapline::kernel
