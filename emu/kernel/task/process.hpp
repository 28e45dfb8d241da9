// What the threads of a process share (struct signal_struct).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "emu/kernel/signal/pending.hpp"
#include "emu/kernel/task/limits.hpp"
#include "emu/kernel/task/relation.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::kernel {

class Task;

// How a process or thread ended, as wait(2) encodes it.
class ExitStatus {
 public:
  int code = 0;    // of exit(2)
  int signal = 0;  // nonzero: killed by it

  int wait_status() const { return signal != 0 ? signal : (code & 0xff) << 8; }
};

// An interval timer (getitimer(2)). Real time goes by the machine's timers; the others by the CPU time of the
// process.
struct IntervalTimer {
  std::uint64_t interval = 0;             // nanoseconds
  std::optional<std::uint64_t> expiry{};  // in the timer's own time; absent: disarmed
  Timer timer{};                          // ITIMER_REAL
};

// timer_create(2)
struct PosixTimer {
  int id = 0;
  int clock = 0;
  int notify = 0;  // SIGEV_*
  int signal = 0;
  int thread = 0;        // SIGEV_THREAD_ID: its tid
  int clock_thread = 0;  // CLOCK_THREAD_CPUTIME_ID: of which thread
  std::uint64_t value = 0;
  std::uint64_t interval = 0;
  std::optional<std::uint64_t> expiry{};
  std::uint64_t before_start = 0;  // by how much the first expiry lies before the machine's start
  Timer timer{};
  bool queued = false;  // its signal pends, and `expiry` is past: it goes on when that is delivered
  int overrun = 0;      // of the signal delivered last
  SignalShare share{};
};

// /proc/PID/io: what read(2), write(2) and their kin moved.
struct IoCounts {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};

// What tasks have had of the CPUs (getrusage(2)).
struct CpuUsage {
  std::uint64_t time = 0;                  // in cycles
  std::uint64_t voluntary_switches = 0;    // because they waited
  std::uint64_t involuntary_switches = 0;  // for others

  CpuUsage& operator+=(const CpuUsage& other) {
    time += other.time;
    voluntary_switches += other.voluntary_switches;
    involuntary_switches += other.involuntary_switches;
    return *this;
  }
};

struct Process {
  int pid = 0;  // thread group id
  int group = 0;
  int session = 0;
  Membership<Task, Process> leader{*this};  // null: it was released
  Members<Process, Task> threads{*this};    // those that are not yet released, in the order of their creation
  Membership<Process, Process> parent{*this};  // null: the machine's init, which no program here is
  Members<Process, Process> children{*this};
  bool from_shell = false;  // the machine's first process: a shell in its session, but not its group, made it
  int exit_signal = 0;      // what the parent gets when it ends

  PendingSignals pending;     // sent to the process
  WaitQueue signal_arrivals;  // signalfd_wqh: who waits for its signals in a signalfd(2)
  WaitQueue child_exit;       // wait_chldexit
  WaitQueue thread_exit;      // a thread of this process is gone
  WaitQueue ended;            // all of it has: what a pidfd waits for

  // The whole process is ending (SIGNAL_GROUP_EXIT).
  std::optional<ExitStatus> group_exit;
  bool executing = false;  // one thread is in execve(2) and waits for the others' end
  // Job control: SIGNAL_STOP_STOPPED, by which signal, and what the parent was not yet told of.
  bool stopped = false;
  int stop_signal = 0;  // nonzero: a stop for wait(2) to report
  bool continued = false;
  int child_notice = 0;        // SIGNAL_CLD_MASK: what the parent is yet to be told
  unsigned stops_awaited = 0;  // group_stop_count

  std::uint64_t dumpable = 1;  // PR_SET_DUMPABLE
  bool subreaper = false;      // PR_SET_CHILD_SUBREAPER
  bool has_executed = false;   // setpgid(2) of a child after execve: EACCES
  Limits limits;

  std::array<IntervalTimer, 3> interval_timers;  // ITIMER_REAL, _VIRTUAL, _PROF
  std::map<int, PosixTimer> posix_timers;
  int next_timer = 0;
  // Those that run by CPU time: the thread whose time that is, or 0; when; and the timer's number.
  std::set<std::tuple<int, std::uint64_t, int>> cpu_timers;

  CpuUsage usage_of_the_dead;  // of threads that were released
  CpuUsage usage_of_children;  // of children that were waited for

  IoCounts io;
  int oom_score_adj = 0;            // remembered only, as is what a core dump would hold
  unsigned coredump_filter = 0x33;  // MMF_DUMP_FILTER_DEFAULT

  bool alone() const { return threads.size() == 1; }
};

}  // namespace trapline::kernel
