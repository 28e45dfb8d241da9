// The guest kernel: what a Linux does for its programs, as a model in C++ on top of a machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/fs/file_locks.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/futex/futex.hpp"
#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/kernel_access.hpp"
#include "emu/kernel/mm/program_stack.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/software.hpp"
#include "emu/kernel/ptrace/ptrace.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/program.hpp"
#include "emu/kernel/task/programs.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/trace/trace.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

struct KernelSpec {
  // Breakpoint registers used. Absent: all of the unit; 0: no hardware breakpoints.
  std::optional<unsigned> slots{};
  std::optional<RootFolder> root{};
  std::uint64_t max_cycles = 1'000'000'000;
  // Breakpoints whose groups are not pinned take turns on the registers that pinned ones leave, as events of
  // counters do. Linux keeps a register for every breakpoint instead, so that none ever has to wait.
  bool share_slots = false;
  InterleavingSpec interleaving{};
};

// What the first process is started with.
struct ProgramStart {
  std::string name;  // argv[0]; of an image its last part is the task's name and that of /proc/self/exe
  std::vector<std::string> arguments{};    // argv[1] onwards
  std::vector<std::string> environment{};  // NAME=value
  FileRef standard_input{};
  FileRef standard_output{};
  FileRef standard_error{};
  std::string file_name{};  // of a program in the root folder, as execve(2) would be given it
  std::string working_directory = "/";
};

// A new memory with a program in it, for a task that has still its old one.
struct NewImage {
  std::shared_ptr<Mm> mm;
  LoadedProgram program{};
  GuestVa stack{};
  std::optional<ElfError> failure{};  // on Linux, when there is no way back any more
};

class Kernel {
 public:
  Kernel(machine::Machine& machine, const KernelSpec& spec);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Makes the first process: of an ELF image that lies nowhere in the guest's root folder, or, where `image`
  // is null, of the file there that `start` names. Throws ElfError where it is none that can run here.
  Task& start(const FileBytes& image, const ProgramStart& start);

  // Runs until the first process is gone; those that it left behind end with it. One that is still there
  // after max_cycles is killed by SIGXCPU, as a process beyond its RLIMIT_CPU is.
  ExitStatus run();

  machine::Machine& machine() { return machine_; }
  isa::Isa isa() const { return machine_.isa(); }
  Arch& arch() { return *arch_; }
  PerfCore& perf() { return perf_; }
  HwBreakpoints& hw_breakpoints() { return hw_breakpoints_; }
  SoftwareEvents& software_events() { return software_events_; }
  unsigned slots() const { return slots_; }
  NotifierChain& die_chain() { return die_chain_; }
  FileSystem& file_system() { return file_system_; }
  const std::shared_ptr<FileLocks>& file_locks() { return file_locks_; }

  Scheduler& scheduler() { return scheduler_; }
  Timers& timers() { return timers_; }
  TaskTable& tasks() { return tasks_; }
  Signals& signals() { return signals_; }
  Ptrace& ptrace() { return ptrace_; }
  Futexes& futexes() { return futexes_; }
  AccessWatch& accesses() { return accesses_; }

  // The task that runs on a CPU, or null.
  Task* current(const machine::Cpu& cpu) { return scheduler_.running(cpu.index()); }
  machine::Cpu* cpu_of(const Task& task);  // null: it runs on none
  // A CPU with the task's registers in it, for as long as `use` takes, wherever the task is.
  template <class Use>
  auto with_registers(Task& task, Use use) {
    if (machine::Cpu* const cpu = cpu_of(task)) return use(*cpu);
    machine::Cpu& cpu = machine_.cpu(task.cpu);
    const Borrowed borrowed(cpu, task.registers);
    return use(cpu);
  }

  // Nanoseconds since the machine was made: one cycle is one nanosecond. The same clock for all CPUs.
  std::uint64_t now() { return scheduler_.now(); }
  // The CPU that is in the kernel now works so long, for what emu/kernel/costs.hpp says.
  void spend(std::uint64_t cycles);
  // Cycles that the task, or all threads of a process, have had on CPUs.
  std::uint64_t cpu_time(const Task& task) const;
  std::uint64_t cpu_time(const Process& process) const;
  CpuUsage cpu_usage(const Task& task) const;
  CpuUsage cpu_usage(const Process& process) const;

  // --- Life of tasks (task/fork.cpp, exec.cpp, exit.cpp) ---
  struct CloneRequest {
    std::uint64_t flags = 0;  // CLONE_*, without the exit signal
    int exit_signal = 0;
    GuestVa stack{};  // the child's stack pointer; 0: the parent's
    std::optional<std::uint64_t> tls{};
    GuestVa parent_tid{};
    GuestVa child_tid{};
    std::optional<int> wanted_tid{};
    std::optional<GuestVa> pidfd{};  // CLONE_PIDFD: where its number goes
  };
  Result<Task*> copy_process(Task& parent, machine::Cpu& cpu, const CloneRequest& request);
  // Another program in the task's place. The task is alone in its process.
  Status exec(Task& task, machine::Cpu& cpu, const Program& program);
  // The task shall end; it does when it comes to it (Step::Exit).
  void begin_exit(Task& task, ExitStatus status);
  // All threads of its process shall end.
  void begin_group_exit(Process& process, ExitStatus status);
  // Kills all threads but this one (execve(2) in a thread), which becomes their leader.
  void end_other_threads(Task& task);
  void take_over_leader(Task& task);
  // The task's own memory is not its parent's any more: who waits in vfork(2) goes on.
  void release_vfork(Task& task);
  // What wait(2) leaves of a zombie: nothing.
  void release(Task& task);
  bool notify_parent(Task& task, int signal);  // true: nobody will wait for it
  // A zombie that its parent does not know of yet.
  void reap_or_notify(Task& task);

  // The scheduler's half of a switch: registers, memory, perf events.
  // With who was there before, or comes next.
  void context_switch_in(Task& task, unsigned cpu, const TaskIds& previous);
  void context_switch_out(Task& task, unsigned cpu, const TaskIds& next, bool preempted);
  void trace_switch(unsigned cpu, const Task& next) {
    trace(machine_.cpu(cpu), Layer::Task, "sched_switch", {{"next", std::int64_t{next.tid()}}});
  }

  // What the kernel is at for the task, for people: "read(2)".
  static std::string work_of(const Task& task);

  void force_signal(Task& task, const SignalInfo& info);
  Programs& programs() { return programs_; }
  std::uint64_t next_pipe() { return next_pipe_++; }
  void posix_timer_delivered(Process& process, SigInfo& info);
  void set_interval_timer(Process& process, unsigned which, std::uint64_t value, std::uint64_t interval);
  void restart_real_timer(Process& process);
  void arm_posix_timer(Process& process, PosixTimer& timer);
  void disarm_posix_timer(Process& process, PosixTimer& timer);
  void delete_posix_timers(Process& process);
  std::optional<std::uint64_t> cpu_timer_now(const Process& process, const PosixTimer& timer) const;

  // Told of each task that is made by another, when it is complete and has not run yet.
  void set_task_made(std::function<void(Task&)> told) { task_made_ = std::move(told); }

  void set_trace(TraceSink sink) { trace_ = std::move(sink); }
  // Appends an event to the trace, if anybody listens. It has a number in the machine's order in any case, so
  // that listening changes no other's.
  void trace(const machine::Cpu& cpu, Layer layer, std::string_view what,
             std::initializer_list<std::pair<const char*, TraceValue>> fields = {});

  // Whether run() ended the process for want of cycles.
  bool cycles_used_up() const { return cycles_used_up_; }
  // A process was killed because the machine's memory was used up.
  bool out_of_memory() const { return out_of_memory_; }
  // Likewise, because every task waited for something that nothing could bring about any more.
  bool stuck() const { return stuck_; }
  // Why the run was given up, if it was: an error of ours, not of the guest.
  const std::string& failure() const { return failure_; }
  // Ends the run before another instruction: what it is for cannot be had (a trace that cannot be written).
  void give_up(std::string_view why) {
    if (failure_.empty()) failure_ = why;
  }

 private:
  class Borrowed {
   public:
    Borrowed(machine::Cpu& cpu, machine::CpuState& state) : cpu_(cpu), own_(cpu.state()) { cpu.use(&state); }
    ~Borrowed() { cpu_.use(own_); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

   private:
    machine::Cpu& cpu_;
    machine::CpuState* own_;
  };

  // --- Into the kernel and back (entry.cpp) ---
  void proceed(machine::Cpu& cpu, Task& task);
  void step(machine::Cpu& cpu, Task& task);
  void send_injected(Task& task);
  void handle(machine::Cpu& cpu, Task& task, const machine::Stop& stop);
  void trace_match(const machine::Cpu& cpu, const machine::DebugException& exception);
  void enter_system_call(machine::Cpu& cpu, Task& task, bool by_gate32 = false);
  bool system_call(machine::Cpu& cpu, Task& task);
  void page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);
  bool emulated(machine::Cpu& cpu, Task& task);
  void fault(machine::Cpu& cpu, Task& task, const machine::Fault& fault);
  std::uint64_t time_limit(const Task& task) const;
  void check_cpu_timers(Task& task);
  void check_cpu_limit(Process& process);
  void expire_posix_timer(Process& process, PosixTimer& due, std::uint64_t now);
  const std::tuple<int, std::uint64_t, int>* next_cpu_timer(const Process& process, int thread) const;

  // --- exit.cpp ---
  void exit(machine::Cpu& cpu, Task& task);
  void leave_memory(machine::Cpu& cpu, Task& task);
  void forget_parent(const Task& task);
  void leave_children(Process& process);
  void leave_process(Task& task);
  StackContent stack_content(const Program& program) const;
  // Throws ElfError while there is a way back.
  NewImage load(const Program& program, std::uint64_t stack_limit);
  void exit_notify(Task& task);
  void end_all();

  machine::Machine& machine_;
  unsigned slots_;
  std::uint64_t max_cycles_;
  std::shared_ptr<FileLocks> file_locks_;  // files may outlive us
  FileSystem file_system_;
  Programs programs_;
  TraceSink trace_;
  std::function<void(Task&)> task_made_;
  NotifierChain die_chain_;
  std::unique_ptr<Arch> arch_;
  Timers timers_;
  Scheduler scheduler_;
  TaskTable tasks_;
  Signals signals_;
  Ptrace ptrace_;
  Futexes futexes_;
  PerfCore perf_;
  SoftwareEvents software_events_;
  HwBreakpoints hw_breakpoints_;
  KernelAccesses accesses_;
  Task* first_ = nullptr;                    // the first process's leader, kept when all else is gone
  std::vector<std::shared_ptr<Task>> gone_;  // released, while somebody may still look at them
  std::uint64_t next_pipe_ = 2;              // the first is what the program reads from
  bool cycles_used_up_ = false;
  bool out_of_memory_ = false;
  bool stuck_ = false;
  std::string failure_;
};

}  // namespace trapline::kernel
