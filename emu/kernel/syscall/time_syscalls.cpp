// Time is the cycle clock, a nanosecond a cycle; the wall clock starts at a fixed date.
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/rusage.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"

namespace trapline::kernel {

namespace {

// The clock of a process or thread other than the caller: the number's complement above three bits, of which
// bit 2 says that it is a thread's and the others what is measured (clock_getcpuclockid(3)).
Result<std::uint64_t> time_of_cpu_clock(Syscall& call, int id) {
  const int pid = ~(id >> 3);
  const bool thread = (id & 4) != 0;
  constexpr int kMask = 3;
  if ((id & kMask) == kMask) return Error{EINVAL};
  const Task* const task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
  if (task == nullptr || (thread ? task->process != call.task.process : !task->leader() && pid != 0))
    return Error{EINVAL};
  return thread ? call.kernel.scheduler().cpu_time(*task) : call.kernel.scheduler().cpu_time(*task->process);
}

// clockid_t: linux/time.h.
Result<std::uint64_t> clock_now(Syscall& call, std::uint64_t id) {
  const std::uint64_t now = call.now();
  switch (static_cast<int>(id)) {
    case 0:   // CLOCK_REALTIME
    case 5:   // CLOCK_REALTIME_COARSE
    case 8:   // CLOCK_REALTIME_ALARM
    case 11:  // CLOCK_TAI
      return kWallClockStart + now;
    case 2:  // CLOCK_PROCESS_CPUTIME_ID
      return call.kernel.scheduler().cpu_time(*call.task.process);
    case 3:  // CLOCK_THREAD_CPUTIME_ID
      return call.kernel.scheduler().cpu_time(call.task);
    case 1:  // CLOCK_MONOTONIC
    case 4:  // CLOCK_MONOTONIC_RAW
    case 6:  // CLOCK_MONOTONIC_COARSE
    case 7:  // CLOCK_BOOTTIME
    case 9:  // CLOCK_BOOTTIME_ALARM
      return now;
    default:
      return static_cast<int>(id) < 0 ? time_of_cpu_clock(call, static_cast<int>(id)) : Error{EINVAL};
  }
}

SyscallResult sys_clock_gettime(Syscall& call) {
  const auto now = clock_now(call, call.args[0]);
  if (!now) return now.error();
  if (!write_timespec(call.mm(), call.address(1), *now)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_clock_getres(Syscall& call) {
  if (const auto now = clock_now(call, call.args[0]); !now) return now.error();
  if (call.args[1] != 0 && !write_timespec(call.mm(), call.address(1), 1)) return Error{EFAULT};
  return 0;
}

// Only the wall clock can be set at all, and it is the machine's own (CAP_SYS_TIME).
SyscallResult sys_clock_settime(Syscall& call) {
  constexpr std::uint64_t kRealTime = 0;
  if ((call.args[0] & 0xffffffff) != kRealTime) return Error{EINVAL};
  const auto time = read_timespec(call.mm(), call.address(1));
  return time ? SyscallResult(Error{EPERM}) : time.error();
}

// struct timex of a clock that nobody ever set right: what the kernel starts with (kernel/time/ntp.c). To
// change anything takes CAP_SYS_TIME.
SyscallResult adjust_time(Syscall& call, GuestVa timex) {
  constexpr std::size_t kSize = 208;
  constexpr std::uint64_t kReadOffset = 0x2000, kSingleShot = 0x8000;  // ADJ_OFFSET_READONLY, ADJ_ADJTIME
  constexpr std::uint64_t kUnsynchronised = 0x40, kError = 5;          // STA_UNSYNC, TIME_ERROR
  const auto modes = call.mm().read_word(timex, 4);
  if (!modes || call.mm().accessible(timex, kSize, isa::AccessKind::Write) != kSize) return Error{EFAULT};
  if ((*modes & kSingleShot) != 0) {
    if ((*modes & 1) == 0) return Error{EINVAL};  // ADJ_OFFSET_SINGLESHOT
    if ((*modes & kReadOffset) == 0) return Error{EPERM};
  } else if (*modes != 0) {
    return Error{EPERM};
  }
  const std::uint64_t now = kWallClockStart + call.now();
  struct Field {
    unsigned at, size;
    std::uint64_t value;
  };
  const std::array<Field, 20> fields{{
      {8, 8, 0},                      // offset
      {16, 8, 0},                     // freq
      {24, 8, 16'000'000},            // maxerror: NTP_PHASE_LIMIT
      {32, 8, 16'000'000},            // esterror
      {40, 4, kUnsynchronised},       // status
      {48, 8, 2},                     // constant
      {56, 8, 1},                     // precision
      {64, 8, 32'768'000},            // tolerance: MAXFREQ, scaled
      {72, 8, now / kSecond},         // time
      {80, 8, now % kSecond / 1000},  //
      {88, 8, 10'000},                // tick
      {96, 8, 0},                     // ppsfreq
      {104, 8, 0},                    // jitter
      {112, 4, 0},                    // shift
      {120, 8, 0},                    // stabil
      {128, 8, 0},                    // jitcnt
      {136, 8, 0},                    // calcnt
      {144, 8, 0},                    // errcnt
      {152, 8, 0},                    // stbcnt
      {160, 4, 0},                    // tai
  }};
  for (const Field& field : fields) {
    if (!call.mm().write_word(timex + field.at, field.value, field.size)) return Error{EFAULT};
  }
  return kError;
}

SyscallResult sys_adjtimex(Syscall& call) { return adjust_time(call, call.address(0)); }

// Of the clocks only the wall clock can be adjusted.
SyscallResult sys_clock_adjtime(Syscall& call) {
  if (call.integer(0) == 0) return adjust_time(call, call.address(1));
  if (const auto now = clock_now(call, call.args[0]); !now) return now.error();
  return Error{EOPNOTSUPP};
}

// The clock is the machine's own; its time zone may be named, and is ignored (CAP_SYS_TIME).
SyscallResult sys_settimeofday(Syscall& call) {
  if (call.args[0] != 0) {
    if (const auto time = read_timeval(call.mm(), call.address(0)); !time) return time.error();
  }
  if (call.args[1] != 0 && !call.mm().read_word(call.address(1), 8)) return Error{EFAULT};
  return Error{EPERM};
}

SyscallResult sys_gettimeofday(Syscall& call) {
  const std::uint64_t now = kWallClockStart + call.now();
  if (call.args[0] != 0 && !write_timeval(call.mm(), call.address(0), now)) return Error{EFAULT};
  if (call.args[1] != 0 && !call.mm().write_word(call.address(1), 0, 8)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_time(Syscall& call) {
  const std::uint64_t now = (kWallClockStart + call.now()) / kSecond;
  if (call.args[0] != 0 && !call.mm().write_word(call.address(0), now, 8)) return Error{EFAULT};
  return now;
}

// Sleeps until the call's deadline. What is left of it when a signal comes first goes to `remaining`.
SyscallResult sleep(Syscall& call, std::uint64_t remaining, bool absolute) {
  if (call.timed_out()) return 0;
  SyscallResult slept = call.sleep({}, absolute ? kErestartNoHand : kErestartRestartBlock);
  if (slept.error().number == kSleeps || absolute || remaining == 0) return slept;
  const std::uint64_t now = call.now();
  const std::uint64_t left = *call.task.call.deadline > now ? *call.task.call.deadline - now : 0;
  if (left == 0) return 0;
  return write_timespec(call.mm(), GuestVa(remaining), left) ? slept : SyscallResult(Error{EFAULT});
}

SyscallResult sys_nanosleep(Syscall& call) {
  if (!call.task.call.deadline) {
    const auto time = read_timespec(call.mm(), call.address(0));
    if (!time) return time.error();
    call.deadline(*time);
  }
  return sleep(call, call.args[1], false);
}

SyscallResult sys_clock_nanosleep(Syscall& call) {
  constexpr std::uint64_t kTimerAbstime = 1;
  constexpr int kThreadCpuTime = 3;
  const bool absolute = (call.args[1] & kTimerAbstime) != 0;
  if (!call.task.call.deadline) {
    const int clock = call.integer(0);
    if (clock == kThreadCpuTime) return Error{EINVAL};
    if (clock == 4 || clock == 5 || clock == 6) return Error{EOPNOTSUPP};  // raw and coarse clocks
    const auto now = clock_now(call, call.args[0]);
    if (!now) return now.error();
    const auto time = read_timespec(call.mm(), call.address(2));
    if (!time) return time.error();
    const std::uint64_t wait = !absolute ? *time : *time > *now ? *time - *now : 0;
    call.deadline(wait);
  }
  return sleep(call, call.args[3], absolute);
}

// struct tms: four clock_t, in ticks of 1/100 s.
SyscallResult sys_times(Syscall& call) {
  if (call.args[0] != 0) {
    const Process& process = *call.task.process;
    const std::array<std::uint64_t, 4> times{call.kernel.scheduler().cpu_time(process) / kClockTick, 0,
                                             process.usage_of_children.time / kClockTick, 0};
    for (unsigned i = 0; i < times.size(); ++i) {
      if (!call.mm().write_word(call.address(0) + 8 * i, times[i], 8)) return Error{EFAULT};
    }
  }
  return call.now() / kClockTick;
}

SyscallResult sys_getrusage(Syscall& call) {
  enum : int { kSelf = 0, kChildren = -1, kThread = 1 };
  const Process& process = *call.task.process;
  CpuUsage used;
  switch (call.integer(0)) {
    case kSelf:
      used = call.kernel.scheduler().cpu_usage(process);
      break;
    case kChildren:
      used = process.usage_of_children;
      break;
    case kThread:
      used = call.kernel.scheduler().cpu_usage(call.task);
      break;
    default:
      return Error{EINVAL};
  }
  if (!write_rusage(call.mm(), call.address(1), used, call.mm().peak_rss() / 1024)) return Error{EFAULT};
  return 0;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> time_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_clock_gettime, sys_clock_gettime},
      SyscallEntry{Name::sys_clock_getres, sys_clock_getres},
      SyscallEntry{Name::sys_clock_settime, sys_clock_settime},
      SyscallEntry{Name::sys_adjtimex, sys_adjtimex},
      SyscallEntry{Name::sys_clock_adjtime, sys_clock_adjtime},
      SyscallEntry{Name::sys_settimeofday, sys_settimeofday},
      SyscallEntry{Name::sys_gettimeofday, sys_gettimeofday},
      SyscallEntry{Name::sys_time, sys_time},
      SyscallEntry{Name::sys_nanosleep, sys_nanosleep},
      SyscallEntry{Name::sys_clock_nanosleep, sys_clock_nanosleep},
      SyscallEntry{Name::sys_times, sys_times},
      SyscallEntry{Name::sys_getrusage, sys_getrusage},
  };
  return kTable;
}

}  // namespace trapline::kernel
