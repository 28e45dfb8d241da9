// timerfd_create(2), timerfd_settime(2), timerfd_gettime(2).
#include <algorithm>
#include <array>

#include "emu/kernel/fs/timerfd.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*

enum Clock : int { kRealtime = 0, kMonotonic = 1, kBoottime = 7, kRealtimeAlarm = 8, kBoottimeAlarm = 9 };
constexpr std::uint64_t kAbsolute = 1;     // TFD_TIMER_ABSTIME
constexpr std::uint64_t kCancelOnSet = 2;  // TFD_TIMER_CANCEL_ON_SET: nobody can set the clock here

SyscallResult sys_timerfd_create(Syscall& call) {
  constexpr std::array kClocks{kRealtime, kMonotonic, kBoottime, kRealtimeAlarm, kBoottimeAlarm};
  const int clock = call.integer(0);
  const std::uint64_t flags = call.args[1] & 0xffffffff;
  if ((flags & ~(kOCloExec | kONonBlock)) != 0 || std::ranges::find(kClocks, clock) == kClocks.end())
    return Error{EINVAL};
  // CAP_WAKE_ALARM is not asked of a user namespace.
  if (clock == kRealtimeAlarm || clock == kBoottimeAlarm) return Error{EPERM};
  const auto fd = add_descriptor(
      call,
      std::make_shared<TimerFd>(call.kernel.scheduler(), call.kernel.timers(), clock, flags & kONonBlock),
      (flags & kOCloExec) != 0);
  if (!fd) return fd.error();
  return static_cast<std::uint64_t>(*fd);
}

Result<std::shared_ptr<TimerFd>> timerfd_argument(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  auto timer = std::dynamic_pointer_cast<TimerFd>(*file);
  if (timer == nullptr) return Error{EINVAL};
  return timer;
}

// struct itimerspec: the interval first.
bool write_itimerspec(Mm& mm, GuestVa address, const TimerFdTime& time) {
  return write_timespec(mm, address, time.interval) && write_timespec(mm, address + 16, time.value);
}

SyscallResult sys_timerfd_settime(Syscall& call) {
  const std::uint64_t flags = call.args[1] & 0xffffffff;
  const auto interval = read_timespec(call.mm(), call.address(2));
  const auto value = read_timespec(call.mm(), call.address(2) + 16);
  for (const auto& time : {interval, value}) {
    if (!time && time.error().number == EFAULT) return Error{EFAULT};
  }
  if ((flags & ~(kAbsolute | kCancelOnSet)) != 0 || !interval || !value) return Error{EINVAL};
  const auto timer = timerfd_argument(call);
  if (!timer) return timer.error();
  std::optional<std::uint64_t> when;
  if (*value != 0 && (flags & kAbsolute) == 0) when = call.now() + *value;
  if (*value != 0 && (flags & kAbsolute) != 0) {
    const std::uint64_t base = (*timer)->clock() == kRealtime ? kWallClockStart : 0;
    when = *value > base ? *value - base : 0;
  }
  const TimerFdTime old = (*timer)->set(when, *interval, flags);
  if (call.args[3] != 0 && !write_itimerspec(call.mm(), call.address(3), old)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_timerfd_gettime(Syscall& call) {
  const auto timer = timerfd_argument(call);
  if (!timer) return timer.error();
  return write_itimerspec(call.mm(), call.address(1), (*timer)->get()) ? SyscallResult(std::uint64_t{0})
                                                                       : Error{EFAULT};
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> timerfd_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_timerfd_create, sys_timerfd_create},
      SyscallEntry{Name::sys_timerfd_settime, sys_timerfd_settime},
      SyscallEntry{Name::sys_timerfd_gettime, sys_timerfd_gettime},
  };
  return kTable;
}

}  // namespace trapline::kernel
