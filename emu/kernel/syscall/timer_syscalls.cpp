// Timers that send signals: alarm(2), setitimer(2), timer_create(2).
#include <algorithm>
#include <array>
#include <utility>

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
// Of whose CPU time; 0: the whole process's.
int cpu_thread(const PosixTimer& timer) { return timer.clock == kThreadCpuTime ? timer.clock_thread : 0; }
// How many until there is an expiry past `now`; at least one.
std::uint64_t periods(std::uint64_t expiry, std::uint64_t interval, std::uint64_t now) {
  return now < expiry ? 1 : (now - expiry) / interval + 1;
}
// hrtimer_forward(): moves the expiry past `now`, and says by how many periods.
std::uint64_t forward(PosixTimer& timer, std::uint64_t now) {
  const std::uint64_t before = std::exchange(timer.before_start, 0);
  const std::uint64_t passed = periods(*timer.expiry, timer.interval, now + before);
  timer.expiry = *timer.expiry + passed * timer.interval - before;
  return passed;
}
bool wall_clock(int clock) { return clock == 0 || clock == 11; }
// RLIMIT_CPU in nanoseconds; nothing: there is no limit.
std::optional<std::uint64_t> cpu_limit(std::uint64_t seconds) {
  if (seconds > kLongestTime / kSecond) return std::nullopt;
  return seconds * kSecond;
}

}  // namespace

// --- Interval timers
// -----------------------------------------------------------------------------------------------------

// Arms a timer to go off in `value` nanoseconds of its own time; 0 disarms it.
void Kernel::set_interval_timer(Process& process, unsigned which, std::uint64_t value,
                                std::uint64_t interval) {
  IntervalTimer& timer = process.interval_timers[which];
  timer.timer.cancel();
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
    real.timer.cancel();
    (void)signals_.send(SigInfo(isa(), isa::linux_abi::kSigAlrm, isa::linux_abi::kSiKernel), process);
  });
}

// Its signal is taken, and the next period begins; periods count from the last expiry.
void Kernel::restart_real_timer(Process& process) {
  IntervalTimer& real = process.interval_timers[kReal];
  if (real.interval == 0 || !real.expiry || real.timer) return;
  const std::uint64_t next = *real.expiry + periods(*real.expiry, real.interval, now()) * real.interval;
  set_interval_timer(process, kReal, next - now(), real.interval);
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
  if (const auto most = cpu_limit(process.limits[Resource::Cpu].soft)) {
    const std::uint64_t used = cpu_time(process);
    limit = std::min(limit, machine_.cpu(task.cpu).clock() + (*most > used ? *most - used : 0));
  }
  for (const int thread : {0, task.tid()}) {
    const auto* const timer = next_cpu_timer(process, thread);
    if (timer == nullptr) continue;
    const std::uint64_t used = thread == 0 ? cpu_time(process) : cpu_time(task);
    const std::uint64_t expiry = std::get<1>(*timer);
    limit = std::min(limit, machine_.cpu(task.cpu).clock() + (expiry > used ? expiry - used : 0));
  }
  return limit;
}

// check_process_timers(): SIGXCPU at the soft limit and each second after it, which moves the limit on, and
// SIGKILL at the hard one.
void Kernel::check_cpu_limit(Process& process) {
  Limit& limit = process.limits[Resource::Cpu];
  const auto soft = cpu_limit(limit.soft);
  if (!soft || cpu_time(process) < *soft) return;
  const auto hard = cpu_limit(limit.hard);
  const bool kill = hard && cpu_time(process) >= *hard;
  if (!kill) ++limit.soft;
  const int signal = kill ? isa::linux_abi::kSigKill : isa::linux_abi::kSigXCpu;
  (void)signals_.send(SigInfo(isa(), signal, isa::linux_abi::kSiKernel), process);
}

void Kernel::check_cpu_timers(Task& task) {
  Process& process = *task.process;
  check_cpu_limit(process);
  for (const unsigned which : {kVirtual, kProf}) {
    IntervalTimer& timer = process.interval_timers[which];
    if (!timer.expiry || cpu_time(process) < *timer.expiry) continue;
    timer.expiry = timer.interval == 0 ? std::nullopt : std::optional(*timer.expiry + timer.interval);
    (void)signals_.send(SigInfo(isa(), kSignals[which], isa::linux_abi::kSiKernel), process);
  }
  for (const int thread : {0, task.tid()}) {
    const std::uint64_t used = thread == 0 ? cpu_time(process) : cpu_time(task);
    for (auto* timer = next_cpu_timer(process, thread); timer != nullptr && std::get<1>(*timer) <= used;
         timer = next_cpu_timer(process, thread)) {
      expire_posix_timer(process, process.posix_timers.at(std::get<2>(*timer)), used);
    }
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

const std::tuple<int, std::uint64_t, int>* Kernel::next_cpu_timer(const Process& process, int thread) const {
  const auto first = process.cpu_timers.lower_bound({thread, 0, 0});
  return first != process.cpu_timers.end() && std::get<0>(*first) == thread ? &*first : nullptr;
}

// A periodic timer goes on when its signal is delivered (posixtimer_rearm). Where nobody would see that,
// because the signal is ignored, it goes on at once, but not before the next tick: otherwise there would be
// time for nothing else.
void Kernel::expire_posix_timer(Process& process, PosixTimer& due, std::uint64_t now) {
  disarm_posix_timer(process, due);
  Task* const thread = due.notify == kSigevThreadId ? tasks_.find(due.thread) : nullptr;
  if (due.notify != kSigevNone &&
      !signals_.ignored(thread != nullptr ? *thread : *process.leader, due.signal)) {
    due.queued = true;
    SigInfo info(isa(), due.signal, Signals::kTimer);
    info.timer(due.id, 0).value(due.value);
    (void)(thread != nullptr ? signals_.send(info, *thread, due.share)
                             : signals_.send(info, process, due.share));
    if (due.interval == 0) due.expiry.reset();
    return;
  }
  if (due.interval == 0) return due.expiry.reset();
  constexpr std::uint64_t kTick = 4'000'000;
  (void)forward(due, now + kTick);
  arm_posix_timer(process, due);
}

void Kernel::arm_posix_timer(Process& process, PosixTimer& timer) {
  if (cpu_clock(timer.clock)) {
    process.cpu_timers.emplace(cpu_thread(timer), *timer.expiry, timer.id);
    return;
  }
  timer.timer = timers_.set(*timer.expiry, [this, &process, id = timer.id] {
    expire_posix_timer(process, process.posix_timers.at(id), now());
  });
}

void Kernel::disarm_posix_timer(Process& process, PosixTimer& timer) {
  timer.timer.cancel();
  if (timer.expiry) process.cpu_timers.erase({cpu_thread(timer), *timer.expiry, timer.id});
}

void Kernel::delete_posix_timers(Process& process) {
  for (auto& [id, timer] : process.posix_timers) disarm_posix_timer(process, timer);
  process.posix_timers.clear();
}

// The signal of a timer is taken: the periods that have passed meanwhile are its overrun.
void Kernel::posix_timer_delivered(Process& process, SigInfo& info) {
  const auto timer = process.posix_timers.find(info.timer_id());
  if (timer == process.posix_timers.end() || !timer->second.queued) return;
  PosixTimer& due = timer->second;
  due.queued = false;
  due.overrun = 0;
  if (due.expiry) {
    const std::uint64_t passed = forward(due, cpu_timer_now(process, due).value_or(now()));
    due.overrun = static_cast<int>(std::min<std::uint64_t>(passed - 1, 0x7fffffff));
    arm_posix_timer(process, due);
  }
  info.timer(due.id, due.overrun);
}

namespace {

// --- System calls ---

std::uint64_t remaining(Syscall& call, const Process& process, unsigned which) {
  const IntervalTimer& timer = process.interval_timers[which];
  if (!timer.expiry || (which == kReal && !timer.timer)) return 0;
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
  const std::uint64_t now = call.kernel.cpu_timer_now(*call.task.process, timer).value_or(call.now());
  std::uint64_t left = 0;
  if (timer.expiry) {
    PosixTimer next{.interval = timer.interval, .expiry = timer.expiry, .before_start = timer.before_start};
    if (next.interval != 0 && *next.expiry <= now) (void)forward(next, now);
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
  call.kernel.disarm_posix_timer(*call.task.process, *timer);
  timer->expiry.reset();
  timer->queued = false;
  timer->interval = *value == 0 ? 0 : *interval;
  timer->overrun = 0;
  timer->before_start = 0;
  if (*value != 0) {
    const std::uint64_t base = wall_clock(timer->clock) ? kWallClockStart : 0;
    const bool absolute = (call.args[1] & kTimerAbstime) != 0;
    const std::uint64_t now = call.kernel.cpu_timer_now(*call.task.process, *timer).value_or(call.now());
    // What lies in the past expires at once, and its periods since then count.
    timer->expiry = !absolute ? now + *value : *value - std::min(*value, base);
    if (absolute) timer->before_start = base - std::min(*value, base);
    call.kernel.arm_posix_timer(*call.task.process, *timer);
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
  call.kernel.disarm_posix_timer(*call.task.process, *timer);
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
