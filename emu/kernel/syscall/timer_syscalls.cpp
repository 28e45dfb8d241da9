// Timers that send signals: alarm(2), setitimer(2), timer_create(2).
#include <algorithm>
#include <array>
#include <utility>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"

namespace trapline::kernel {

namespace {

bool wall_clock(int clock) { return clock == 0 || clock == 11; }

std::uint64_t remaining(Syscall& call, const Process& process, unsigned which) {
  const IntervalTimer& timer = process.interval_timers[which];
  if (!timer.expiry || (which == kReal && !timer.timer)) return 0;
  const std::uint64_t now = which == kReal ? call.now() : call.kernel.scheduler().cpu_time(process);
  return *timer.expiry > now ? *timer.expiry - now : 1;
}

bool write_itimerval(Mm& mm, GuestVa address, std::uint64_t value, std::uint64_t interval) {
  // Something that is left is never shown as nothing.
  const std::uint64_t shown = value != 0 && value < 1000 ? 1000 : value;
  return write_timeval(mm, address, interval) && write_timeval(mm, address + 16, shown);
}

SyscallResult sys_getitimer(Syscall& call) {
  const std::uint64_t which = call.args[0] & 0xffffffff;
  if (which >= kTimers) return Error{EINVAL};
  const Process& process = *call.task.process;
  if (!write_itimerval(call.mm(), call.address(1), remaining(call, process, static_cast<unsigned>(which)),
                       process.interval_timers[which].interval)) {
    return Error{EFAULT};
  }
  return 0;
}

SyscallResult sys_setitimer(Syscall& call) {
  const std::uint64_t which = call.args[0] & 0xffffffff;
  std::uint64_t value = 0;
  std::uint64_t interval = 0;
  if (call.args[1] != 0) {
    const auto new_interval = read_timeval(call.mm(), call.address(1));
    const auto new_value = read_timeval(call.mm(), call.address(1) + 16);
    if (!new_interval) return new_interval.error();
    if (!new_value) return new_value.error();
    interval = *new_interval;
    value = *new_value;
  }
  if (which >= kTimers) return Error{EINVAL};
  Process& process = *call.task.process;
  const std::uint64_t old_value = remaining(call, process, static_cast<unsigned>(which));
  const std::uint64_t old_interval = process.interval_timers[which].interval;
  call.kernel.process_timers().set_interval_timer(process, static_cast<unsigned>(which), value, interval);
  if (call.args[2] != 0 && !write_itimerval(call.mm(), call.address(2), old_value, old_interval))
    return Error{EFAULT};
  return 0;
}

SyscallResult sys_alarm(Syscall& call) {
  Process& process = *call.task.process;
  const std::uint64_t left = remaining(call, process, kReal);
  call.kernel.process_timers().set_interval_timer(process, kReal, (call.args[0] & 0xffffffff) * kSecond, 0);
  // Rounded, but never to nothing.
  return left == 0 ? 0 : std::max<std::uint64_t>((left + kSecond / 2) / kSecond, 1);
}

// struct sigevent: sigev_value, sigev_signo, sigev_notify, sigev_notify_thread_id.
SyscallResult sys_timer_create(Syscall& call) {
  Process& process = *call.task.process;
  int clock = call.integer(0);
  int clock_thread = call.task.tid();
  if (clock < 0) {  // of a process or thread by its number (clock_getcpuclockid(3))
    constexpr int kPerThread = 4;
    const bool thread = (clock & kPerThread) != 0;
    const int number = ~(clock >> 3);
    const Task* const task = number == 0 ? &call.task : call.kernel.tasks().find(number);
    // Timers by the CPU time of other processes are not there.
    if (task == nullptr || task->process != call.task.process) return Error{EINVAL};
    clock = thread ? kThreadCpuTime : kProcessCpuTime;
    clock_thread = task->tid();
  }
  constexpr std::array kClocks{0, 1, 2, 3, 7, 11};
  if (std::ranges::find(kClocks, clock) == kClocks.end()) return Error{EINVAL};
  constexpr std::size_t kMost = 1024;
  SignalShare share = call.kernel.signals().share(process);
  if (process.posix_timers.size() >= kMost || !share) return Error{EAGAIN};
  PosixTimer timer{.id = process.next_timer, .clock = clock, .signal = isa::linux_abi::kSigAlrm};
  timer.value = static_cast<std::uint64_t>(timer.id);
  timer.clock_thread = clock_thread;
  timer.share = std::move(share);
  if (call.args[1] != 0) {
    const auto value = call.mm().read_word(call.address(1), 8);
    const auto signal = call.mm().read_word(call.address(1) + 8, 4);
    const auto notify = call.mm().read_word(call.address(1) + 12, 4);
    const auto thread = call.mm().read_word(call.address(1) + 16, 4);
    if (!value || !signal || !notify || !thread) return Error{EFAULT};
    timer.value = *value;
    timer.signal = static_cast<int>(*signal);
    timer.notify = static_cast<int>(*notify);
    timer.thread = static_cast<int>(*thread);
    const bool signals =
        timer.notify == kSigevSignal || timer.notify == kSigevThread || timer.notify == kSigevThreadId;
    if (!signals && timer.notify != kSigevNone) return Error{EINVAL};
    if (timer.notify == kSigevThreadId) {
      const Task* const task = call.kernel.tasks().find(timer.thread);
      if (task == nullptr || task->process != call.task.process) return Error{EINVAL};
    }
    if (signals && (timer.signal < 1 || timer.signal > isa::linux_abi::kSignals)) return Error{EINVAL};
  }
  if (!call.mm().write_word(call.address(2), static_cast<std::uint64_t>(timer.id), 4)) return Error{EFAULT};
  ++process.next_timer;
  const int id = timer.id;
  process.posix_timers.emplace(id, std::move(timer));
  return 0;
}

PosixTimer* timer_argument(Syscall& call) {
  auto& timers = call.task.process->posix_timers;
  const auto timer = timers.find(call.integer(0));
  return timer == timers.end() ? nullptr : &timer->second;
}

struct TimerSetting {
  std::uint64_t interval = 0;
  std::uint64_t left = 0;
};
TimerSetting setting_of(Syscall& call, const PosixTimer& timer) {
  const std::uint64_t now =
      call.kernel.process_timers().cpu_timer_now(*call.task.process, timer).value_or(call.now());
  std::uint64_t left = 0;
  if (timer.expiry) {
    PosixTimer next{.interval = timer.interval, .expiry = timer.expiry, .before_start = timer.before_start};
    if (next.interval != 0 && *next.expiry <= now) (void)hrtimer_forward(next, now);
    left = *next.expiry > now ? *next.expiry - now : 1;
  }
  return {timer.interval, left};
}

// struct itimerspec
bool write_setting(Mm& mm, GuestVa address, const TimerSetting& setting) {
  return write_timespec(mm, address, setting.interval) && write_timespec(mm, address + 16, setting.left);
}

SyscallResult sys_timer_settime(Syscall& call) {
  constexpr std::uint64_t kTimerAbstime = 1;
  if (call.args[2] == 0) return Error{EINVAL};
  const auto interval = read_timespec(call.mm(), call.address(2));
  const auto value = read_timespec(call.mm(), call.address(2) + 16);
  if (!interval) return interval.error();
  if (!value) return value.error();
  PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  const TimerSetting old = setting_of(call, *timer);
  call.kernel.process_timers().disarm_posix_timer(*call.task.process, *timer);
  timer->expiry.reset();
  timer->queued = false;
  timer->interval = *value == 0 ? 0 : *interval;
  timer->overrun = 0;
  timer->before_start = 0;
  if (*value != 0) {
    const std::uint64_t base = wall_clock(timer->clock) ? kWallClockStart : 0;
    const bool absolute = (call.args[1] & kTimerAbstime) != 0;
    const std::uint64_t now =
        call.kernel.process_timers().cpu_timer_now(*call.task.process, *timer).value_or(call.now());
    // What lies in the past expires at once, and its periods since then count.
    timer->expiry = !absolute ? now + *value : *value - std::min(*value, base);
    if (absolute) timer->before_start = base - std::min(*value, base);
    call.kernel.process_timers().arm_posix_timer(*call.task.process, *timer);
  }
  if (call.args[3] != 0 && !write_setting(call.mm(), call.address(3), old)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_timer_gettime(Syscall& call) {
  const PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  return write_setting(call.mm(), call.address(1), setting_of(call, *timer)) ? SyscallResult(std::uint64_t{0})
                                                                             : Error{EFAULT};
}

SyscallResult sys_timer_getoverrun(Syscall& call) {
  const PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  return static_cast<std::uint64_t>(timer->overrun);
}

SyscallResult sys_timer_delete(Syscall& call) {
  PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  call.kernel.process_timers().disarm_posix_timer(*call.task.process, *timer);
  call.task.process->posix_timers.erase(timer->id);
  return 0;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> timer_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_getitimer, sys_getitimer},
      SyscallEntry{Name::sys_setitimer, sys_setitimer},
      SyscallEntry{Name::sys_alarm, sys_alarm},
      SyscallEntry{Name::sys_timer_create, sys_timer_create},
      SyscallEntry{Name::sys_timer_settime, sys_timer_settime},
      SyscallEntry{Name::sys_timer_gettime, sys_timer_gettime},
      SyscallEntry{Name::sys_timer_getoverrun, sys_timer_getoverrun},
      SyscallEntry{Name::sys_timer_delete, sys_timer_delete},
  };
  return kTable;
}

}  // namespace trapline::kernel
