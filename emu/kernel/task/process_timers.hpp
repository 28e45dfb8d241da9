// The timers of processes, which send signals: by real time, and by the CPU time that a process or a thread
// has had (kernel/time/itimer.c, posix-timers.c, posix-cpu-timers.c), RLIMIT_CPU among them.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "emu/kernel/task/process.hpp"
#include "isa/isa.hpp"

namespace trapline::kernel {

class Scheduler;
class SigInfo;
class Signals;
class Task;
class TaskTable;
class Timers;

enum IntervalTimerKind : unsigned { kReal = 0, kVirtual = 1, kProf = 2, kTimers = 3 };  // ITIMER_*

// Of timer_create(2): SIGEV_*, and the clocks that are CPU time.
enum SignalEventKind : int { kSigevSignal = 0, kSigevNone = 1, kSigevThread = 2, kSigevThreadId = 4 };
inline constexpr int kProcessCpuTime = 2;
inline constexpr int kThreadCpuTime = 3;

class ProcessTimers {
 public:
  ProcessTimers(Timers& timers, Scheduler& scheduler, TaskTable& tasks, Signals& signals);

  // Arms a timer to go off in `value` nanoseconds of its own time; 0 disarms it.
  void set_interval_timer(Process& process, unsigned which, std::uint64_t value, std::uint64_t interval);
  // Its signal is taken, and the next period begins; periods count from the last expiry.
  void restart_real_timer(Process& process);

  void arm_posix_timer(Process& process, PosixTimer& timer);
  void disarm_posix_timer(Process& process, PosixTimer& timer);
  void delete_posix_timers(Process& process);
  // The signal of a timer is taken: the periods that have passed meanwhile are its overrun.
  void posix_timer_delivered(Process& process, SigInfo& info);
  // The time of a timer that goes by the CPU; nothing for the others.
  std::optional<std::uint64_t> cpu_timer_now(const Process& process, const PosixTimer& timer) const;

  // Until when the task may run before a timer of its CPU time goes off; and after it has run.
  std::uint64_t time_limit(const Task& task) const;
  void check_cpu_timers(Task& task);

 private:
  void check_cpu_limit(Process& process);
  void expire_posix_timer(Process& process, PosixTimer& due, std::uint64_t now);

  isa::Isa isa_;
  Timers& timers_;
  Scheduler& scheduler_;
  TaskTable& tasks_;
  Signals& signals_;
};

// Moves the expiry past `now`, and says by how many periods.
std::uint64_t hrtimer_forward(PosixTimer& timer, std::uint64_t now);

}  // namespace trapline::kernel
