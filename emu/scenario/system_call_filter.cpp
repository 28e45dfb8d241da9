#include "emu/scenario/system_call_filter.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace trapline::scenario {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_PPC64LE;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr std::uint32_t kX32 = 0x40000000;  // x86-64: the numbers of the x32 ABI, arch/x86/entry/syscalls

// Not here, and so missed by nobody: sockets, other processes, mounts, new namespaces, io_uring, chdir(2).
constexpr std::array kAllowed{
    // memory
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    // what is open
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_lseek,
    SYS_fstat,
    SYS_fcntl,
    SYS_close,
    SYS_close_range,
    SYS_dup,
    SYS_dup3,
    SYS_pipe2,
    SYS_ioctl,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fadvise64,
    SYS_getdents64,
    SYS_ppoll,
    SYS_pselect6,
    // the supervisor's end is sent to it before execve(2); afterwards there is no socket
    SYS_sendmsg,
    // the process and its own
    SYS_exit,
    SYS_exit_group,
    SYS_wait4,
    SYS_waitid,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_futex,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_getpid,
    SYS_getppid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getcwd,
    SYS_umask,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_times,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
#ifdef SYS_fork  // and the others that newer processors do without
    SYS_dup2,
    SYS_pipe,
    SYS_poll,
    SYS_select,
    SYS_time,
    SYS_fork,
    SYS_vfork,
    SYS_getrlimit,
    SYS_getpgrp,
#endif
};

constexpr std::array kPathCalls{
    PathCall{.number = SYS_openat, .use = PathUse::Open, .folder = 0, .path = 1, .flags = 2, .mode = 3},
    PathCall{.number = SYS_newfstatat, .use = PathUse::Look, .folder = 0, .path = 1},
    PathCall{.number = SYS_statx, .use = PathUse::Look, .folder = 0, .path = 1},
    PathCall{.number = SYS_faccessat, .use = PathUse::Look, .folder = 0, .path = 1},
    PathCall{.number = SYS_faccessat2, .use = PathUse::Look, .folder = 0, .path = 1},
    PathCall{.number = SYS_readlinkat, .use = PathUse::LookAtLink, .folder = 0, .path = 1},
    PathCall{.number = SYS_unlinkat, .use = PathUse::Change, .folder = 0, .path = 1},
    PathCall{.number = SYS_fchmodat, .use = PathUse::Change, .folder = 0, .path = 1},
    PathCall{.number = SYS_execve, .use = PathUse::Execute},
#ifdef SYS_open
    PathCall{.number = SYS_open, .use = PathUse::Open, .flags = 1, .mode = 2},
    PathCall{.number = SYS_stat, .use = PathUse::Look},
    PathCall{.number = SYS_lstat, .use = PathUse::LookAtLink},
    PathCall{.number = SYS_access, .use = PathUse::Look},
    PathCall{.number = SYS_readlink, .use = PathUse::LookAtLink},
    PathCall{.number = SYS_unlink, .use = PathUse::Change},
    PathCall{.number = SYS_chmod, .use = PathUse::Change},
#endif
};

sock_filter statement(int code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
sock_filter jump(int code, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
  return {static_cast<std::uint16_t>(BPF_JMP | code | BPF_K), if_true, if_false, value};
}
sock_filter load_number(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter result(std::uint32_t action) { return statement(BPF_RET | BPF_K, action); }

std::size_t low_half_of_argument(std::size_t n) {
  constexpr bool kLittle = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
  return offsetof(seccomp_data, args) + n * sizeof(std::uint64_t) + (kLittle ? 0 : 4);
}

}  // namespace

const PathCall* path_call(long number) {
  const auto found = std::ranges::find(kPathCalls, number, &PathCall::number);
  return found == kPathCalls.end() ? nullptr : &*found;
}

std::optional<std::vector<sock_filter>> system_call_filter() {
  if (kArchitecture == 0) return std::nullopt;
  constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | ENOSYS;
  std::vector<sock_filter> filter{
      load_number(offsetof(seccomp_data, arch)),
      jump(BPF_JEQ, kArchitecture, 1, 0),
      result(SECCOMP_RET_KILL_PROCESS),
      load_number(offsetof(seccomp_data, nr)),
      jump(BPF_JGE, kX32, 0, 1),
      result(kRefused),
  };
  const auto when = [&](long number, std::uint32_t action) {
    filter.push_back(jump(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 1));
    filter.push_back(result(action));
  };
  for (const long number : kAllowed) when(number, SECCOMP_RET_ALLOW);
  for (const PathCall& call : kPathCalls) when(call.number, SECCOMP_RET_USER_NOTIF);
  // New processes, but no threads, which could change a path while it is looked at, and no namespaces. Of
  // clone3(2) a filter cannot see the flags; without it the C library takes clone(2).
  constexpr std::uint32_t kNotCloned = CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                       CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  filter.insert(filter.end(),
                {jump(BPF_JEQ, SYS_clone, 0, 4), load_number(low_half_of_argument(0)),
                 jump(BPF_JSET, kNotCloned, 1, 0), result(SECCOMP_RET_ALLOW), result(kRefused)});
  // Its own limits, not those of others.
  filter.insert(filter.end(), {jump(BPF_JEQ, SYS_prlimit64, 0, 4), load_number(low_half_of_argument(0)),
                               jump(BPF_JEQ, 0, 0, 1), result(SECCOMP_RET_ALLOW), result(kRefused)});
  filter.push_back(result(kRefused));
  return filter;
}

int enter_filter(std::span<sock_filter> filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return static_cast<int>(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

}  // namespace trapline::scenario
