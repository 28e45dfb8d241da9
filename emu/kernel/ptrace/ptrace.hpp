// ptrace(2): who traces whom, the stops of tracees, and the requests of tracers (kernel/ptrace.c).
#pragma once

#include <cstdint>
#include <optional>

#include "emu/kernel/ptrace/state.hpp"
#include "emu/kernel/result.hpp"
#include "emu/kernel/signal/siginfo.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

class Arch;
class Lifecycle;
class Scheduler;
class Signals;
struct Syscall;
class Task;
class TaskTable;

// What ptrace(2) works with.
struct PtraceUses {
  Arch& arch;
  Scheduler& scheduler;
  TaskTable& tasks;
  Signals& signals;
  Lifecycle& lifecycle;
};

// PTRACE_EVENT_*, linux/ptrace.h
enum class PtraceEvent : std::uint8_t {
  Fork = 1,
  Vfork = 2,
  Clone = 3,
  Exec = 4,
  VforkDone = 5,
  Exit = 6,
  Seccomp = 7,
  Stop = 128,
};

class Ptrace {
 public:
  explicit Ptrace(const PtraceUses& uses);

  SyscallResult request(Syscall& call);

  // --- Stops. Each is true where the task has stopped; it goes on when its tracer lets it. ---
  bool notify(Task& task, int exit_code, std::uint64_t message);
  // Where the tracer asked for the event.
  bool event(Task& task, PtraceEvent event, std::uint64_t message);
  bool wants(const Task& task, PtraceEvent event) const;
  bool syscall_stop(Task& task, bool entry);
  // `of_process`: to where it goes again if the task blocks it by then.
  void stop_for_signal(Task& task, const SigInfo& info, bool of_process);
  // What became of that signal: nothing, or another one.
  std::optional<SigInfo> signal_after_stop(Task& task);
  bool job_control_trap(Task& task);
  void notify_trap(Task& task);

  // `block`: to the next branch.
  void enable_single_step(Task& task, bool block);
  void disable_single_step(Task& task);

  // A new task of a traced one is traced as well, where its tracer asked for that.
  void start_child(Task& parent, Task& child, bool traced);
  // The task is gone, or will be: its tracees are free.
  void exit_tracer(Task& tracer);
  void unlink(Task& task);
  void link(Task& task, Task& tracer);

 private:
  bool stop(Task& task, int exit_code, int why, std::uint64_t message, const std::optional<SigInfo>& info);
  SyscallResult attach(Syscall& call, Task& target, bool seize);
  SyscallResult detach(Syscall& call, Task& target);
  SyscallResult resume(Syscall& call, Task& target, Resume until, bool step, bool block);
  SyscallResult trace_me(Syscall& call);
  Status set_options(Task& target, std::uint64_t options);
  SyscallResult at_stop(Syscall& call, Task& target, std::uint64_t request);
  SyscallResult register_request(Syscall& call, machine::Cpu& cpu, Task& target);
  SyscallResult whole_regset(Syscall& call, machine::Cpu& cpu, Task& target);
  SyscallResult peek_siginfo(Syscall& call, Task& target);
  SyscallResult syscall_info(Syscall& call, Task& target);
  void wake(Task& target);

  isa::Isa isa_;
  Arch& arch_;
  Scheduler& scheduler_;
  TaskTable& tasks_;
  Signals& signals_;
  Lifecycle& lifecycle_;
};

}  // namespace trapline::kernel
