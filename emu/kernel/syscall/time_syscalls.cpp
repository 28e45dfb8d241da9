// Time is the CPU's cycle clock, a nanosecond a cycle; the wall clock starts at a fixed date.
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kBoot =
    946'684'800;  // 2000-01-01 00:00:00 UTC: the wall clock when the machine is made

struct TimeSpec {
  std::uint64_t seconds = 0;
  std::uint64_t nanoseconds = 0;
};

// clockid_t: linux/time.h. The clocks of the process and the thread are the CPU's, since one task runs.
Result<std::uint64_t> clock_now(Syscall& call, std::uint64_t id) {
  const std::uint64_t now = call.kernel.now(call.cpu);
  switch (static_cast<int>(id)) {
    case 0:   // CLOCK_REALTIME
    case 5:   // CLOCK_REALTIME_COARSE
    case 11:  // CLOCK_TAI
      return kBoot * kSecond + now;
    case 1:  // CLOCK_MONOTONIC
    case 2:  // CLOCK_PROCESS_CPUTIME_ID
    case 3:  // CLOCK_THREAD_CPUTIME_ID
    case 4:  // CLOCK_MONOTONIC_RAW
    case 6:  // CLOCK_MONOTONIC_COARSE
    case 7:  // CLOCK_BOOTTIME
      return now;
    default:
      return Error{EINVAL};
  }
}

bool put(Mm& mm, GuestVa address, std::uint64_t first, std::uint64_t second) {
  return mm.write_word(address, first, 8) && mm.write_word(address + 8, second, 8);
}

SyscallResult sys_clock_gettime(Syscall& call) {
  const auto now = clock_now(call, call.args[0]);
  if (!now) return now.error();
  if (!put(call.mm(), call.address(1), *now / kSecond, *now % kSecond)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_clock_getres(Syscall& call) {
  if (const auto now = clock_now(call, call.args[0]); !now) return now.error();
  if (call.args[1] != 0 && !put(call.mm(), call.address(1), 0, 1)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_gettimeofday(Syscall& call) {
  const std::uint64_t now = kBoot * kSecond + call.kernel.now(call.cpu);
  if (call.args[0] != 0 && !put(call.mm(), call.address(0), now / kSecond, now % kSecond / 1000))
    return Error{EFAULT};
  if (call.args[1] != 0 && !call.mm().write_word(call.address(1), 0, 8)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_time(Syscall& call) {
  const std::uint64_t now = kBoot + call.kernel.now(call.cpu) / kSecond;
  if (call.args[0] != 0 && !call.mm().write_word(call.address(0), now, 8)) return Error{EFAULT};
  return now;
}

Result<TimeSpec> get_timespec(Mm& mm, GuestVa address) {
  const auto seconds = mm.read_word(address, 8);
  const auto nanoseconds = mm.read_word(address + 8, 8);
  if (!seconds || !nanoseconds) return Error{EFAULT};
  if (static_cast<std::int64_t>(*seconds) < 0 || *nanoseconds >= kSecond) return Error{EINVAL};
  constexpr std::uint64_t kLongest = 1ull
                                     << 33;  // seconds: further than any run, and no overflow in nanoseconds
  return TimeSpec{std::min(*seconds, kLongest), *nanoseconds};
}

SyscallResult sys_nanosleep(Syscall& call) {
  const auto time = get_timespec(call.mm(), call.address(0));
  if (!time) return time.error();
  call.cpu.charge(time->seconds * kSecond + time->nanoseconds);
  return 0;
}

SyscallResult sys_clock_nanosleep(Syscall& call) {
  constexpr std::uint64_t kTimerAbstime = 1;
  const auto now = clock_now(call, call.args[0]);
  if (!now) return now.error();
  const auto time = get_timespec(call.mm(), call.address(2));
  if (!time) return time.error();
  std::uint64_t wait = time->seconds * kSecond + time->nanoseconds;
  if ((call.args[1] & kTimerAbstime) != 0) wait = wait > *now ? wait - *now : 0;
  call.cpu.charge(wait);
  return 0;
}

// struct tms: four clock_t, in ticks of 1/100 s.
SyscallResult sys_times(Syscall& call) {
  const std::uint64_t ticks = call.kernel.now(call.cpu) / (kSecond / 100);
  if (call.args[0] != 0) {
    const GuestVa at = call.address(0);
    if (!put(call.mm(), at, ticks, 0) || !put(call.mm(), at + 16, 0, 0)) return Error{EFAULT};
  }
  return ticks;
}

SyscallResult sys_getrusage(Syscall& call) {
  constexpr std::uint64_t kSize = 144;  // struct rusage: two timevals and fourteen longs
  const int who = call.integer(0);
  if (who != 0 && who != -1 && who != 1) return Error{EINVAL};  // RUSAGE_SELF, _CHILDREN, _THREAD
  const std::uint64_t used = who == -1 ? 0 : call.kernel.now(call.cpu);
  const std::array<std::byte, kSize> zeros{};
  if (!call.mm().write(call.address(1), zeros)) return Error{EFAULT};
  if (!put(call.mm(), call.address(1), used / kSecond, used % kSecond / 1000)) return Error{EFAULT};
  return 0;
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_clock_gettime, sys_clock_gettime},
    SyscallEntry{Name::sys_clock_getres, sys_clock_getres},
    SyscallEntry{Name::sys_gettimeofday, sys_gettimeofday},
    SyscallEntry{Name::sys_time, sys_time},
    SyscallEntry{Name::sys_nanosleep, sys_nanosleep},
    SyscallEntry{Name::sys_clock_nanosleep, sys_clock_nanosleep},
    SyscallEntry{Name::sys_times, sys_times},
    SyscallEntry{Name::sys_getrusage, sys_getrusage},
};

}  // namespace

std::span<const SyscallEntry> time_syscalls() { return kTable; }

}  // namespace trapline::kernel
