// Sending signals, and what a task does about them before it returns to user code (kernel/signal.c).
#pragma once

#include <functional>
#include <optional>

#include "emu/kernel/result.hpp"
#include "emu/kernel/signal/pending.hpp"
#include "emu/kernel/signal/signal.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

class Arch;
class File;
class Lifecycle;
enum class PollReason : std::uint8_t;
class ProcessTimers;
class Ptrace;
class Scheduler;
class Task;
class TaskTable;
struct Process;

// What signals work with.
struct SignalUses {
  Arch& arch;
  Scheduler& scheduler;
  TaskTable& tasks;
  Ptrace& ptrace;
  ProcessTimers& timers;
  Lifecycle& lifecycle;
};

class Signals {
 public:
  explicit Signals(const SignalUses& uses);

  // si_code of what programs and the kernel send (asm-generic/siginfo.h).
  static constexpr int kUser = 0;     // SI_USER
  static constexpr int kQueue = -1;   // SI_QUEUE
  static constexpr int kTimer = -2;   // SI_TIMER
  static constexpr int kThread = -6;  // SI_TKILL
  static constexpr int kExited = 1;   // CLD_*
  static constexpr int kKilled = 2;
  static constexpr int kTrapped = 4;
  static constexpr int kStopped = 5;
  static constexpr int kContinued = 6;

  // To one thread, or to a process, of which one thread takes it. EAGAIN: too many signals are queued.
  // `share`: that of the timer it comes from.
  Status send(const SigInfo& info, Task& target, SignalShare share = nullptr);
  Status send(const SigInfo& info, Process& target, SignalShare share = nullptr);
  // One more of what RLIMIT_SIGPENDING bounds, for all processes of the user together, of whom there is one.
  // Null: there are as many already.
  SignalShare share(const Process& process) const;
  // A signal that cannot be put off, since the task cannot go on: blocked or ignored, it takes its default
  // action.
  void force(Task& task, const SigInfo& info);
  // The same for an exception of the processor (force_sig_fault()).
  void force_sig_fault(Task& task, const SignalInfo& info);
  // SIGIO, or what F_SETSIG put in its place, to the owner of the file (sigio.cpp). Nobody owns it: to
  // nobody.
  void send_sigio(const File& file, PollReason reason);
  // The task cannot go on at all: no handler, either.
  void force_fatal(Task& task, int signal);

  // Whether there is something to do that ends a sleep (signal_pending()).
  bool pending(const Task& task) const;
  bool fatal_pending(const Task& task) const;
  // A pending signal that is not in `blocked`: synchronous ones first, then by number, the thread's own
  // first.
  struct Dequeued {
    SigInfo info;
    bool of_process = false;  // it was sent to the process, not to this thread
  };
  std::optional<Dequeued> dequeue(Task& task, SignalSet blocked);
  void set_blocked(Task& task, SignalSet blocked);
  void discard(Process& process, SignalSet signals);

  // Between the kernel and user code. False: the task cannot go on now, because it stopped or is to end.
  bool deliver(machine::Cpu& cpu, Task& task);

  // Told of each signal that ends a task's process by its default action, while the task is as it was hit.
  using Fatal = std::function<void(Task&, const SigInfo&)>;
  void set_fatal(Fatal told) { fatal_ = std::move(told); }

  bool ignored(const Task& task, int signal) const;
  void notify_parent_of_stop(Task& task, bool for_tracer, int why);
  bool take_part_in_stop(Task& task);
  bool set_stop_pending(Task& task, int signal, bool consume) const;
  // A new thread takes part in its process's stop (task_join_group_stop()).
  void join_group_stop(const Task& parent, Task& thread) const;
  void wake(Task& task, bool fatal);

 private:
  enum class Scope : std::uint8_t { Thread, Process };
  Status send(const SigInfo& info, Task& target, Scope scope, bool force, SignalShare share);
  bool prepare(Task& target, int signal, bool force);
  void complete(Task& target, int signal, Scope scope);
  struct Ready {
    SigInfo info;
    SignalAction action;
  };
  enum class Outcome : std::uint8_t { None, Ready, Away };
  Outcome get(machine::Cpu& cpu, Task& task, std::optional<Ready>& ready);
  void give_child_notice(Task& task);
  void run_handler(machine::Cpu& cpu, Task& task, const Ready& ready);
  bool stop(Task& task, int signal);

  isa::Isa isa_;
  Arch& arch_;
  Scheduler& scheduler_;
  TaskTable& tasks_;
  Ptrace& ptrace_;
  ProcessTimers& timers_;
  Lifecycle& lifecycle_;
  Fatal fatal_;
  std::shared_ptr<const char> user_ = std::make_shared<const char>();  // each share has one of it
};

}  // namespace trapline::kernel
