// Who a process is, what it may use, and how it ends.
#include <algorithm>
#include <array>
#include <string_view>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel {

namespace {

SyscallResult sys_exit(Syscall& call) {
  call.kernel.exit(call.task, {static_cast<int>(call.args[0] & 0xff), 0});
  return 0;
}

SyscallResult sys_getpid(Syscall& call) { return static_cast<std::uint64_t>(call.task.tgid()); }
SyscallResult sys_gettid(Syscall& call) { return static_cast<std::uint64_t>(call.task.tid()); }
SyscallResult sys_getppid(Syscall& /*call*/) { return 1; }
SyscallResult root_id(Syscall& /*call*/) { return 0; }  // a guest is root in its own machine

SyscallResult sys_set_tid_address(Syscall& call) {
  call.task.clear_child_tid = call.address(0);
  return static_cast<std::uint64_t>(call.task.tid());
}

// x86: FS and GS base.
SyscallResult sys_arch_prctl(Syscall& call) {
  using isa::x86::Reg;
  enum : std::uint64_t { kSetGs = 0x1001, kSetFs = 0x1002, kGetFs = 0x1003, kGetGs = 0x1004 };
  const GuestVa task_size = call.mm().layout().task_size;
  switch (call.args[0]) {
    case kSetGs:
    case kSetFs:
      if (call.address(1) >= task_size) return Error{EPERM};
      call.cpu.set(call.args[0] == kSetFs ? Reg::fs_base : Reg::gs_base, call.args[1]);
      return 0;
    case kGetFs:
    case kGetGs: {
      const std::uint64_t base = call.cpu.get(call.args[0] == kGetFs ? Reg::fs_base : Reg::gs_base);
      if (!call.mm().write_word(call.address(1), base, 8)) return Error{EFAULT};
      return 0;
    }
    default:
      return Error{EINVAL};
  }
}

SyscallResult sys_uname(Syscall& call) {
  constexpr std::size_t kField = 65;  // __NEW_UTS_LEN + 1
  const std::array<std::string_view, 6> fields{
      "Linux", "trapline", "6.1.0", "#1 SMP", call.kernel.arch().machine_name(), "(none)"};
  std::array<std::byte, kField * fields.size()> bytes{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::ranges::transform(fields[i], bytes.begin() + static_cast<std::ptrdiff_t>(i * kField),
                           [](char c) { return static_cast<std::byte>(c); });
  }
  if (!call.mm().write(call.address(0), bytes)) return Error{EFAULT};
  return 0;
}

// The limits that a guest may ask for, by RLIMIT_* (asm-generic/resource.h): soft and hard.
struct Limit {
  std::uint64_t soft;
  std::uint64_t hard;
};
constexpr std::uint64_t kInfinity = ~0ull;
constexpr unsigned kLimits = 16;
Limit limit_of(const Syscall& call, unsigned resource) {
  constexpr unsigned kData = 2, kStack = 3, kCore = 4, kNproc = 6, kNofile = 7;
  switch (resource) {
    case kStack:
      return {call.mm().layout().stack_limit, kInfinity};
    case kCore:
      return {0, kInfinity};
    case kNproc:
      return {4096, 4096};
    case kNofile:
      return {FdTable::kLimit, FdTable::kLimit};
    case kData:
    default:
      return {kInfinity, kInfinity};
  }
}

SyscallResult put_limit(Syscall& call, unsigned resource, GuestVa address) {
  if (resource >= kLimits) return Error{EINVAL};
  const Limit limit = limit_of(call, resource);
  if (!call.mm().write_word(address, limit.soft, 8) || !call.mm().write_word(address + 8, limit.hard, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

SyscallResult sys_getrlimit(Syscall& call) {
  return put_limit(call, static_cast<unsigned>(call.args[0]), call.address(1));
}

SyscallResult sys_prlimit64(Syscall& call) {
  const int pid = call.integer(0);
  if (pid != 0 && pid != call.task.tgid()) return Error{ESRCH};
  if (call.args[2] != 0) return Error{EPERM};  // the machine's bounds are its owner's to set
  if (call.args[3] == 0) return 0;
  return put_limit(call, static_cast<unsigned>(call.args[1]), call.address(3));
}

SyscallResult sys_sched_yield(Syscall& /*call*/) { return 0; }

SyscallResult sys_sched_getaffinity(Syscall& call) {
  const int pid = call.integer(0);
  if (pid != 0 && pid != call.task.tid()) return Error{ESRCH};
  const unsigned cpus = call.kernel.machine().cpus();
  constexpr std::uint64_t kWord = 8;  // the mask is an array of longs; we have at most 64 CPUs
  if (call.args[1] < kWord || call.args[1] % kWord != 0) return Error{EINVAL};
  const std::uint64_t mask = cpus == 64 ? ~0ull : (1ull << cpus) - 1;
  if (!call.mm().write_word(call.address(2), mask, kWord)) return Error{EFAULT};
  return kWord;
}

SyscallResult sys_getcpu(Syscall& call) {
  if (call.args[0] != 0 && !call.mm().write_word(call.address(0), call.cpu.index(), 4)) return Error{EFAULT};
  if (call.args[1] != 0 && !call.mm().write_word(call.address(1), 0, 4)) return Error{EFAULT};
  return 0;
}

// The bytes are the same in every run: a small counter-based generator (SplitMix64, Steele et al. 2014).
SyscallResult sys_getrandom(Syscall& call) {
  constexpr std::uint64_t kKnownFlags = 7;
  if ((call.args[2] & ~kKnownFlags) != 0) return Error{EINVAL};
  constexpr std::uint64_t kMost = 33554431;
  const std::uint64_t size = std::min(call.args[1], kMost);
  std::uint64_t done = 0;
  std::uint64_t state = call.kernel.now(call.cpu);
  while (done < size) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    std::array<std::byte, 8> bytes{};
    isa::store_word(bytes, z, std::endian::little);
    const std::uint64_t here = std::min<std::uint64_t>(bytes.size(), size - done);
    if (!call.mm().write(call.address(0) + done, std::span(bytes).first(here))) {
      if (done == 0) return Error{EFAULT};
      break;
    }
    done += here;
  }
  return done;
}

// struct sysinfo: uptime, loads, memory in bytes, processes.
SyscallResult sys_sysinfo(Syscall& call) {
  std::array<std::byte, 112> bytes{};
  const std::endian order = isa::byte_order(call.isa());
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(std::span(bytes).subspan(at, size), value, order);
  };
  const machine::PhysicalMemory& memory = call.kernel.machine().memory();
  put(0, call.kernel.now(call.cpu) / 1'000'000'000, 8);
  put(32, memory.size(), 8);
  put(40, memory.free_frames() * memory.frame_size(), 8);
  put(80, 1, 2);
  put(104, 1, 4);
  if (!call.mm().write(call.address(0), bytes)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_prctl(Syscall& call) {
  enum : std::uint64_t { kSetName = 15, kGetName = 16 };
  constexpr std::size_t kCommSize = 16;
  switch (call.args[0]) {
    case kSetName: {
      std::string name;
      while (name.size() < kCommSize - 1) {
        const auto c = call.mm().read_word(call.address(1) + name.size(), 1);
        if (!c) return Error{EFAULT};
        if (*c == 0) break;
        name += static_cast<char>(*c);
      }
      call.task.comm = name;
      return 0;
    }
    case kGetName: {
      std::array<std::byte, kCommSize> bytes{};
      std::ranges::transform(call.task.comm, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
      if (!call.mm().write(call.address(1), bytes)) return Error{EFAULT};
      return 0;
    }
    default:
      return Error{EINVAL};
  }
}

// One thread: nobody can have changed the word, and nobody can wake a waiter.
SyscallResult sys_futex(Syscall& call) {
  constexpr std::uint64_t kCommandMask = 0x7f;
  enum : std::uint64_t { kWait = 0, kWake = 1, kWaitBitset = 9, kWakeBitset = 10 };
  switch (call.args[1] & kCommandMask) {
    case kWake:
    case kWakeBitset:
      return 0;
    case kWait:
    case kWaitBitset: {
      const auto word = call.mm().read_word(call.address(0), 4);
      if (!word) return Error{EFAULT};
      if (*word != (call.args[2] & 0xffffffff)) return Error{EAGAIN};
      return Error{EDEADLK};
    }
    default:
      return Error{ENOSYS};
  }
}

SyscallResult sys_set_robust_list(Syscall& call) {
  constexpr std::uint64_t kHeadSize = 24;
  if (call.args[1] != kHeadSize) return Error{EINVAL};
  return 0;
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_exit, sys_exit},
    SyscallEntry{Name::sys_exit_group, sys_exit},
    SyscallEntry{Name::sys_getpid, sys_getpid},
    SyscallEntry{Name::sys_gettid, sys_gettid},
    SyscallEntry{Name::sys_getppid, sys_getppid},
    SyscallEntry{Name::sys_getuid, root_id},
    SyscallEntry{Name::sys_geteuid, root_id},
    SyscallEntry{Name::sys_getgid, root_id},
    SyscallEntry{Name::sys_getegid, root_id},
    SyscallEntry{Name::sys_set_tid_address, sys_set_tid_address},
    SyscallEntry{Name::sys_set_robust_list, sys_set_robust_list},
    SyscallEntry{Name::sys_arch_prctl, sys_arch_prctl},
    SyscallEntry{Name::sys_uname, sys_uname},
    SyscallEntry{Name::sys_getrlimit, sys_getrlimit},
    SyscallEntry{Name::sys_ugetrlimit, sys_getrlimit},
    SyscallEntry{Name::sys_prlimit64, sys_prlimit64},
    SyscallEntry{Name::sys_sched_yield, sys_sched_yield},
    SyscallEntry{Name::sys_sched_getaffinity, sys_sched_getaffinity},
    SyscallEntry{Name::sys_getcpu, sys_getcpu},
    SyscallEntry{Name::sys_getrandom, sys_getrandom},
    SyscallEntry{Name::sys_sysinfo, sys_sysinfo},
    SyscallEntry{Name::sys_prctl, sys_prctl},
    SyscallEntry{Name::sys_futex, sys_futex},
};

}  // namespace

std::span<const SyscallEntry> process_syscalls() { return kTable; }

}  // namespace trapline::kernel
