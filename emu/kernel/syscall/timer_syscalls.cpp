// Timers that send signals: alarm(2), setitimer(2), timer_create(2).
#include <algorithm>
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"

namespace trapline::kernel {

namespace {

enum : unsigned { kReal = 0, kVirtual = 1, kProf = 2, kTimers = 3 };
constexpr std::array<int, kTimers> kSignals{isa::linux_abi::kSigAlrm, isa::linux_abi::kSigVtAlrm,
                                            isa::linux_abi::kSigProf};

// Of timer_create(2): SIGEV_*, and clocks.
enum Notify : int { kSigevSignal = 0, kSigevNone = 1, kSigevThread = 2, kSigevThreadId = 4 };

constexpr int kProcessCpuTime = 2;
constexpr int kThreadCpuTime = 3;
bool cpu_clock(int clock) { return clock == kProcessCpuTime || clock == kThreadCpuTime; }
bool wall_clock(int clock) { return clock == 0 || clock == 11; }

}  // namespace

// --- Interval timers
// -----------------------------------------------------------------------------------------------------

// Arms a timer to go off in `value` nanoseconds of its own time; 0 disarms it.
void Kernel::set_interval_timer(Process& process, unsigned which, std::uint64_t value,
                                std::uint64_t interval) {
  IntervalTimer& timer = process.interval_timers[which];
  timers_.cancel(timer.timer);
  timer.expiry.reset();
  timer.interval = value == 0 ? 0 : interval;
  if (value == 0) return;
  if (which != kReal) {
    timer.expiry = cpu_time(process) + value;
    return;
  }
  timer.expiry = now() + value;
  timer.timer = timers_.set(*timer.expiry, [this, &process] {
    IntervalTimer& real = process.interval_timers[kReal];
    const std::uint64_t expired = *real.expiry;
    real.timer.reset();
    real.expiry.reset();
    (void)signals_.send(SigInfo(isa(), isa::linux_abi::kSigAlrm, isa::linux_abi::kSiKernel), process);
    if (real.interval == 0) return;
    // Periods count from the last expiry, whenever that was noticed.
    const std::uint64_t next = expired + real.interval;
    set_interval_timer(process, kReal, next > now() ? next - now() : 1, real.interval);
  });
}

// Until when the task may run before a timer of its CPU time goes off.
std::uint64_t Kernel::time_limit(const Task& task) const {
  std::uint64_t limit = ~std::uint64_t{0};
  const Process& process = *task.process;
  for (const unsigned which : {kVirtual, kProf}) {
    const auto& expiry = process.interval_timers[which].expiry;
    if (!expiry) continue;
    const std::uint64_t used = cpu_time(process);
    const std::uint64_t left = *expiry > used ? *expiry - used : 0;
    limit = std::min(limit, machine_.cpu(task.cpu).clock() + left);
  }
  for (const auto& [id, timer] : process.posix_timers) {
    const auto used = cpu_timer_now(process, timer);
    if (!used || !timer.expiry) continue;
    limit =
        std::min(limit, machine_.cpu(task.cpu).clock() + (*timer.expiry > *used ? *timer.expiry - *used : 0));
  }
  return limit;
}

void Kernel::check_cpu_timers(Task& task) {
  Process& process = *task.process;
  for (const unsigned which : {kVirtual, kProf}) {
    IntervalTimer& timer = process.interval_timers[which];
    if (!timer.expiry || cpu_time(process) < *timer.expiry) continue;
    timer.expiry = timer.interval == 0 ? std::nullopt : std::optional(*timer.expiry + timer.interval);
    (void)signals_.send(SigInfo(isa(), kSignals[which], isa::linux_abi::kSiKernel), process);
  }
  for (auto& [id, timer] : process.posix_timers) {
    const auto used = cpu_timer_now(process, timer);
    if (used && timer.expiry && *used >= *timer.expiry) expire_posix_timer(process, timer, *used);
  }
}

// --- POSIX timers
// -----------------------------------------------------------------------------------------------------

// The time of a timer that goes by the CPU; nothing for the others.
std::optional<std::uint64_t> Kernel::cpu_timer_now(const Process& process, const PosixTimer& timer) const {
  if (!cpu_clock(timer.clock)) return std::nullopt;
  if (timer.clock == kProcessCpuTime) return cpu_time(process);
  const Task* const thread = tasks_.find(timer.clock_thread);
  return thread == nullptr ? std::nullopt : std::optional(cpu_time(*thread));
}

void Kernel::expire_posix_timer(Process& process, PosixTimer& due, std::uint64_t now) {
  const std::uint64_t expired = *due.expiry;
  due.expiry.reset();
  if (due.notify != kSigevNone) {
    if (due.queued) {
      ++due.missed;
    } else {
      due.missed = 0;
      due.queued = true;
      SigInfo info(isa(), due.signal, Signals::kTimer);
      info.timer(due.id, 0).value(due.value);
      Task* const thread = due.notify == kSigevThreadId ? tasks_.find(due.thread) : nullptr;
      if (thread != nullptr) {
        (void)signals_.send(info, *thread);
      } else {
        (void)signals_.send(info, process);
      }
    }
  }
  if (due.interval == 0) return;
  // A period shorter than what can be told apart would never let time go on.
  constexpr std::uint64_t kShortest = 1000;
  due.expiry = std::max(expired + std::max(due.interval, kShortest), now);
}

void Kernel::arm_posix_timer(Process& process, PosixTimer& timer) {
  if (cpu_clock(timer.clock)) return;  // check_cpu_timers() sees to it
  timer.timer = timers_.set(*timer.expiry, [this, &process, id = timer.id] {
    PosixTimer& due = process.posix_timers.at(id);
    due.timer.reset();
    expire_posix_timer(process, due, now());
    if (due.expiry) arm_posix_timer(process, due);
  });
}

// The signal of a timer is taken: what it missed meanwhile is its overrun.
void Kernel::posix_timer_delivered(Process& process, SigInfo& info) {
  const auto timer = process.posix_timers.find(info.timer_id());
  if (timer == process.posix_timers.end()) return;
  PosixTimer& due = timer->second;
  due.queued = false;
  due.overrun = static_cast<int>(std::min<std::uint64_t>(due.missed, 0x7fffffff));
  due.missed = 0;
  info.timer(due.id, due.overrun);
}

namespace {

// --- System calls ---

std::uint64_t remaining(Syscall& call, const Process& process, unsigned which) {
  const IntervalTimer& timer = process.interval_timers[which];
  if (!timer.expiry) return 0;
  const std::uint64_t now = which == kReal ? call.now() : call.kernel.cpu_time(process);
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
  call.kernel.set_interval_timer(process, static_cast<unsigned>(which), value, interval);
  if (call.args[2] != 0 && !write_itimerval(call.mm(), call.address(2), old_value, old_interval))
    return Error{EFAULT};
  return 0;
}

SyscallResult sys_alarm(Syscall& call) {
  Process& process = *call.task.process;
  const std::uint64_t left = remaining(call, process, kReal);
  call.kernel.set_interval_timer(process, kReal, (call.args[0] & 0xffffffff) * kSecond, 0);
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
  if (process.posix_timers.size() >= kMost) return Error{EAGAIN};
  PosixTimer timer{.id = process.next_timer, .clock = clock, .signal = isa::linux_abi::kSigAlrm};
  timer.value = static_cast<std::uint64_t>(timer.id);
  timer.clock_thread = clock_thread;
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
  process.posix_timers.emplace(timer.id, timer);
  return 0;
}

PosixTimer* timer_argument(Syscall& call) {
  auto& timers = call.task.process->posix_timers;
  const auto timer = timers.find(call.integer(0));
  return timer == timers.end() ? nullptr : &timer->second;
}

bool write_itimerspec(Syscall& call, GuestVa address, const PosixTimer& timer) {
  const std::uint64_t now = call.kernel.cpu_timer_now(*call.task.process, timer).value_or(call.now());
  const std::uint64_t left = !timer.expiry ? 0 : *timer.expiry > now ? *timer.expiry - now : 1;
  return write_timespec(call.mm(), address, timer.interval) && write_timespec(call.mm(), address + 16, left);
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
  const PosixTimer old = *timer;
  call.kernel.timers().cancel(timer->timer);
  timer->expiry.reset();
  timer->interval = *value == 0 ? 0 : *interval;
  timer->missed = 0;
  timer->overrun = 0;
  if (*value != 0) {
    const std::uint64_t base = wall_clock(timer->clock) ? kWallClockStart : 0;
    const bool absolute = (call.args[1] & kTimerAbstime) != 0;
    const std::uint64_t now = call.kernel.cpu_timer_now(*call.task.process, *timer).value_or(call.now());
    timer->expiry = absolute ? std::max(*value > base ? *value - base : 0, now) : now + *value;
    call.kernel.arm_posix_timer(*call.task.process, *timer);
  }
  if (call.args[3] != 0 && !write_itimerspec(call, call.address(3), old)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_timer_gettime(Syscall& call) {
  const PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  return write_itimerspec(call, call.address(1), *timer) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
}

SyscallResult sys_timer_getoverrun(Syscall& call) {
  const PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  return static_cast<std::uint64_t>(timer->overrun);
}

SyscallResult sys_timer_delete(Syscall& call) {
  PosixTimer* const timer = timer_argument(call);
  if (timer == nullptr) return Error{EINVAL};
  call.kernel.timers().cancel(timer->timer);
  call.task.process->posix_timers.erase(timer->id);
  return 0;
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_getitimer, sys_getitimer},
    SyscallEntry{Name::sys_setitimer, sys_setitimer},
    SyscallEntry{Name::sys_alarm, sys_alarm},
    SyscallEntry{Name::sys_timer_create, sys_timer_create},
    SyscallEntry{Name::sys_timer_settime, sys_timer_settime},
    SyscallEntry{Name::sys_timer_gettime, sys_timer_gettime},
    SyscallEntry{Name::sys_timer_getoverrun, sys_timer_getoverrun},
    SyscallEntry{Name::sys_timer_delete, sys_timer_delete},
};

}  // namespace

std::span<const SyscallEntry> timer_syscalls() { return kTable; }

}  // namespace trapline::kernel
