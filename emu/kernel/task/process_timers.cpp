#include "emu/kernel/task/process_timers.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "emu/kernel/task/timers.hpp"

namespace trapline::kernel {

namespace {

constexpr std::array<int, kTimers> kExpirySignals{isa::linux_abi::kSigAlrm, isa::linux_abi::kSigVtAlrm,
                                                  isa::linux_abi::kSigProf};

bool is_cpu_clock(int clock) { return clock == kProcessCpuTime || clock == kThreadCpuTime; }
// Of whose CPU time; 0: the whole process's.
int cpu_thread(const PosixTimer& timer) { return timer.clock == kThreadCpuTime ? timer.clock_thread : 0; }
// How many until there is an expiry past `now`; at least one.
std::uint64_t periods(std::uint64_t expiry, std::uint64_t interval, std::uint64_t now) {
  return now < expiry ? 1 : (now - expiry) / interval + 1;
}
// RLIMIT_CPU in nanoseconds; nothing: there is no limit.
std::optional<std::uint64_t> cpu_limit(std::uint64_t seconds) {
  if (seconds > kLongestTime / kSecond) return std::nullopt;
  return seconds * kSecond;
}

// The next timer of its CPU time, or of its thread's; null: there is none.
const std::tuple<int, std::uint64_t, int>* next_cpu_timer(const Process& process, int thread) {
  const auto first = process.cpu_timers.lower_bound({thread, 0, 0});
  return first != process.cpu_timers.end() && std::get<0>(*first) == thread ? &*first : nullptr;
}

}  // namespace

std::uint64_t hrtimer_forward(PosixTimer& timer, std::uint64_t now) {
  const std::uint64_t before = std::exchange(timer.before_start, 0);
  const std::uint64_t passed = periods(*timer.expiry, timer.interval, now + before);
  timer.expiry = *timer.expiry + passed * timer.interval - before;
  return passed;
}

ProcessTimers::ProcessTimers(Timers& timers, Scheduler& scheduler, TaskTable& tasks, Signals& signals)
    : isa_(scheduler.machine().isa()),
      timers_(timers),
      scheduler_(scheduler),
      tasks_(tasks),
      signals_(signals) {}

// --- Interval timers
// -----------------------------------------------------------------------------------------------------

void ProcessTimers::set_interval_timer(Process& process, unsigned which, std::uint64_t value,
                                       std::uint64_t interval) {
  IntervalTimer& timer = process.interval_timers[which];
  timer.timer.cancel();
  timer.expiry.reset();
  timer.interval = value == 0 ? 0 : interval;
  if (value == 0) return;
  if (which != kReal) {
    timer.expiry = scheduler_.cpu_time(process) + value;
    return;
  }
  timer.expiry = scheduler_.now() + value;
  timer.timer = timers_.set(*timer.expiry, [this, &process] {
    IntervalTimer& real = process.interval_timers[kReal];
    real.timer.cancel();
    (void)signals_.send(SigInfo(isa_, isa::linux_abi::kSigAlrm, isa::linux_abi::kSiKernel), process);
  });
}

void ProcessTimers::restart_real_timer(Process& process) {
  IntervalTimer& real = process.interval_timers[kReal];
  if (real.interval == 0 || !real.expiry || real.timer) return;
  const std::uint64_t next =
      *real.expiry + periods(*real.expiry, real.interval, scheduler_.now()) * real.interval;
  set_interval_timer(process, kReal, next - scheduler_.now(), real.interval);
}

std::uint64_t ProcessTimers::time_limit(const Task& task) const {
  std::uint64_t limit = ~std::uint64_t{0};
  const Process& process = *task.process;
  for (const unsigned which : {kVirtual, kProf}) {
    const auto& expiry = process.interval_timers[which].expiry;
    if (!expiry) continue;
    const std::uint64_t used = scheduler_.cpu_time(process);
    const std::uint64_t left = *expiry > used ? *expiry - used : 0;
    limit = std::min(limit, scheduler_.machine().cpu(task.cpu).clock() + left);
  }
  if (const auto most = cpu_limit(process.limits[Resource::Cpu].soft)) {
    const std::uint64_t used = scheduler_.cpu_time(process);
    limit = std::min(limit, scheduler_.machine().cpu(task.cpu).clock() + (*most > used ? *most - used : 0));
  }
  for (const int thread : {0, task.tid()}) {
    const auto* const timer = next_cpu_timer(process, thread);
    if (timer == nullptr) continue;
    const std::uint64_t used = thread == 0 ? scheduler_.cpu_time(process) : scheduler_.cpu_time(task);
    const std::uint64_t expiry = std::get<1>(*timer);
    limit = std::min(limit, scheduler_.machine().cpu(task.cpu).clock() + (expiry > used ? expiry - used : 0));
  }
  return limit;
}

// check_process_timers(): SIGXCPU at the soft limit and each second after it, which moves the limit on, and
// SIGKILL at the hard one.
void ProcessTimers::check_cpu_limit(Process& process) {
  Limit& limit = process.limits[Resource::Cpu];
  const auto soft = cpu_limit(limit.soft);
  if (!soft || scheduler_.cpu_time(process) < *soft) return;
  const auto hard = cpu_limit(limit.hard);
  const bool kill = hard && scheduler_.cpu_time(process) >= *hard;
  if (!kill) ++limit.soft;
  const int signal = kill ? isa::linux_abi::kSigKill : isa::linux_abi::kSigXCpu;
  (void)signals_.send(SigInfo(isa_, signal, isa::linux_abi::kSiKernel), process);
}

void ProcessTimers::check_cpu_timers(Task& task) {
  Process& process = *task.process;
  check_cpu_limit(process);
  for (const unsigned which : {kVirtual, kProf}) {
    IntervalTimer& timer = process.interval_timers[which];
    if (!timer.expiry || scheduler_.cpu_time(process) < *timer.expiry) continue;
    timer.expiry = timer.interval == 0 ? std::nullopt : std::optional(*timer.expiry + timer.interval);
    (void)signals_.send(SigInfo(isa_, kExpirySignals[which], isa::linux_abi::kSiKernel), process);
  }
  for (const int thread : {0, task.tid()}) {
    const std::uint64_t used = thread == 0 ? scheduler_.cpu_time(process) : scheduler_.cpu_time(task);
    for (auto* timer = next_cpu_timer(process, thread); timer != nullptr && std::get<1>(*timer) <= used;
         timer = next_cpu_timer(process, thread)) {
      expire_posix_timer(process, process.posix_timers.at(std::get<2>(*timer)), used);
    }
  }
}

// --- POSIX timers
// -----------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> ProcessTimers::cpu_timer_now(const Process& process,
                                                          const PosixTimer& timer) const {
  if (!is_cpu_clock(timer.clock)) return std::nullopt;
  if (timer.clock == kProcessCpuTime) return scheduler_.cpu_time(process);
  const Task* const thread = tasks_.find(timer.clock_thread);
  return thread == nullptr ? std::nullopt : std::optional(scheduler_.cpu_time(*thread));
}

// A periodic timer goes on when its signal is delivered (posixtimer_rearm). Where nobody would see that,
// because the signal is ignored, it goes on at once, but not before the next tick: otherwise there would be
// time for nothing else.
void ProcessTimers::expire_posix_timer(Process& process, PosixTimer& due, std::uint64_t now) {
  disarm_posix_timer(process, due);
  Task* const thread = due.notify == kSigevThreadId ? tasks_.find(due.thread) : nullptr;
  if (due.notify != kSigevNone &&
      !signals_.ignored(thread != nullptr ? *thread : *process.leader, due.signal)) {
    due.queued = true;
    SigInfo info(isa_, due.signal, Signals::kTimer);
    info.timer(due.id, 0).value(due.value);
    (void)(thread != nullptr ? signals_.send(info, *thread, due.share)
                             : signals_.send(info, process, due.share));
    if (due.interval == 0) due.expiry.reset();
    return;
  }
  if (due.interval == 0) return due.expiry.reset();
  (void)hrtimer_forward(due, now + kJiffy);
  arm_posix_timer(process, due);
}

void ProcessTimers::arm_posix_timer(Process& process, PosixTimer& timer) {
  if (is_cpu_clock(timer.clock)) {
    process.cpu_timers.emplace(cpu_thread(timer), *timer.expiry, timer.id);
    return;
  }
  timer.timer = timers_.set(*timer.expiry, [this, &process, id = timer.id] {
    expire_posix_timer(process, process.posix_timers.at(id), scheduler_.now());
  });
}

void ProcessTimers::disarm_posix_timer(Process& process, PosixTimer& timer) {
  timer.timer.cancel();
  if (timer.expiry) process.cpu_timers.erase({cpu_thread(timer), *timer.expiry, timer.id});
}

void ProcessTimers::delete_posix_timers(Process& process) {
  for (auto& [id, timer] : process.posix_timers) disarm_posix_timer(process, timer);
  process.posix_timers.clear();
}

void ProcessTimers::posix_timer_delivered(Process& process, SigInfo& info) {
  const auto timer = process.posix_timers.find(info.timer_id());
  if (timer == process.posix_timers.end() || !timer->second.queued) return;
  PosixTimer& due = timer->second;
  due.queued = false;
  due.overrun = 0;
  if (due.expiry) {
    const std::uint64_t passed = hrtimer_forward(due, cpu_timer_now(process, due).value_or(scheduler_.now()));
    due.overrun = static_cast<int>(std::min<std::uint64_t>(passed - 1, 0x7fffffff));
    arm_posix_timer(process, due);
  }
  info.timer(due.id, due.overrun);
}

}  // namespace trapline::kernel
