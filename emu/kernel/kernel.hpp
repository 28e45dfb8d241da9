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
#include "emu/kernel/hw_breakpoint/policy.hpp"
#include "emu/kernel/kernel_access.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/software.hpp"
#include "emu/kernel/printk/ratelimit.hpp"
#include "emu/kernel/printk/syslog.hpp"
#include "emu/kernel/ptrace/ptrace.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/context_switch.hpp"
#include "emu/kernel/task/cpu_hotplug.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/process_timers.hpp"
#include "emu/kernel/task/programs.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/machine/machine.hpp"
#include "emu/machine/run.hpp"

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
  BreakpointPolicy policy{};  // PPC64
};

class KernelHalf;
struct KernelCall;

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

// The whole: made of subsystems, each of which is given what it uses and knows no more. Only the system calls
// see all of it, and who runs the machine.
class Kernel final : private machine::Turns {
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
  // Runs as far as `at` says, after start(). What has become of tasks, registers and memory may be read
  // meanwhile, and the run goes on as if nobody had looked; it may be changed, too.
  machine::Left advance(const machine::HaltAt& at);
  // From an observer or a sink of the trace: advance() comes back when the instruction is complete.
  void halt() { machine_.request_halt(); }
  ExitStatus exit_status() const { return lifecycle_.first().exit_status; }

  machine::Machine& machine() { return machine_; }
  isa::Isa isa() const { return machine_.isa(); }
  Arch& arch() { return *arch_; }
  NotifierChain& die_chain() { return die_chain_; }
  PerfCore& perf() { return perf_; }
  HwBreakpoints& hw_breakpoints() { return hw_breakpoints_; }
  SoftwareEvents& software_events() { return software_events_; }
  unsigned slots() const { return slots_; }
  Printk& printk() { return printk_; }
  Syslog& syslog() { return syslog_; }
  FileSystem& file_system() { return file_system_; }
  const std::shared_ptr<FileLocks>& file_locks() { return file_locks_; }
  Programs& programs() { return programs_; }
  Scheduler& scheduler() { return scheduler_; }
  CpuHotplug& cpu_hotplug() { return cpu_hotplug_; }
  Timers& timers() { return timers_; }
  ProcessTimers& process_timers() { return process_timers_; }
  TaskTable& tasks() { return tasks_; }
  Lifecycle& lifecycle() { return lifecycle_; }
  Signals& signals() { return signals_; }
  Ptrace& ptrace() { return ptrace_; }
  Futexes& futexes() { return futexes_; }
  std::uint64_t next_pipe() { return next_pipe_++; }

  // Kernel code of the task did what nobody can go on from: it is told, and the task ends by the signal.
  void oops(machine::Cpu& cpu, Task& task, const std::vector<std::string>& what, int signal);
  // Guest code of the kernel stopped on the CPU.
  void kernel_exception(machine::Cpu& cpu, Task& task, const machine::Stop& stop);
  // Has guest code of the kernel do something for the task at once, while no other CPU goes on: what is
  // called while an exception is handled. Nothing: it did not return.
  std::optional<std::uint64_t> call_now(machine::Cpu& cpu, Task& task, KernelCall call);
  // The machine stops: what it is about to say was said.
  void panic(machine::Cpu& cpu, std::string_view why);
  // The machine is switched off, or has nothing left to do: the run ends, with success.
  void power_off();
  std::string die_line(std::string_view what, unsigned code, int signal) const;

  // "name+0x8/0x20 [module]" of an address of the kernel's; the address where nothing is known of it.
  std::string kernel_symbol(GuestVa address) const;

  // What guest code of the kernel has; made when it is first asked for.
  KernelHalf& kernel_half();
  bool has_modules() const { return kernel_half_ != nullptr; }

  // What the kernel is at for the task, for people: "read(2)".
  static std::string work_of(const Task& task);

  // The trace of the machine, whose lines then say which task runs.
  void set_trace(machine::TraceSink sink);

  // Told, with all tasks as they are, that the run ends before the program does: cycles_used_up(), stuck().
  void set_unfinished(std::function<void()> told) { unfinished_ = std::move(told); }

  // Whether the run ended for want of cycles.
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
    machine_.request_halt();
  }

 private:
  // What the perf core asks of the rest.
  class Upcalls final : public PerfUpcalls {
   public:
    explicit Upcalls(Kernel& kernel) : kernel_(kernel) {}

    void send_sigtrap(const SigInfo& info, Task& task) override;
    void send_sigio(const File& file, PollReason reason) override;
    std::vector<GuestVa> kernel_callers(machine::Cpu& cpu, const Task& task, std::size_t most) override;
    machine::CpuState* user_registers(const Task& task) override;
    std::uint64_t inode_of(Task& task, const std::string& path) override;

   private:
    Kernel& kernel_;
  };

  // A task in user mode, for as long as its turn on a CPU lasts.
  class UserMode final : public machine::Execution {
   public:
    UserMode(Kernel& kernel, machine::Cpu& cpu, Task& task);

    bool goes_on() const override;
    void enters() override;
    bool stopped(const machine::Stop& stop) override;

   private:
    Kernel& kernel_;
    machine::Cpu& cpu_;
    Task& task_;
    std::uint64_t plans_;  // of the scheduler and the timers, which the turn's limit comes from
  };

  // Guest code of the kernel that runs for a task, likewise.
  class KernelMode final : public machine::Execution {
   public:
    KernelMode(Kernel& kernel, machine::Cpu& cpu, Task& task);

    bool goes_on() const override;
    bool stopped(const machine::Stop& stop) override;

   private:
    Kernel& kernel_;
    machine::Cpu& cpu_;
    Task& task_;
    std::uint64_t plans_;
  };

  // Nothing goes on any more.
  bool stops() const { return powered_off_ || !failure_.empty(); }
  // A program has a CPU go away or come.
  SyscallResult switch_cpu(unsigned cpu, bool online);

  // The first process, with all its threads, is gone.
  bool ended() const;

  bool over() const override;
  std::optional<machine::Turn> next() override;
  void end(const machine::Turn& turn) override;
  bool settled(unsigned cpu) const override;
  std::uint64_t plans() const { return scheduler_.plans() + timers_.plans(); }

  // --- Into the kernel and back (entry.cpp) ---
  // Up to user code; nothing where the task does not get there now.
  std::optional<machine::Turn> return_to_user(machine::Cpu& cpu, Task& task);
  void step(machine::Cpu& cpu, Task& task);
  void send_injected(Task& task);
  std::uint64_t turn_limit(machine::Cpu& cpu, const Task& task);
  void begin_kernel_code(machine::Cpu& cpu, Task& task);
  void handle(machine::Cpu& cpu, Task& task, const machine::Stop& stop);
  std::vector<std::string> ppc64_bad_access(GuestVa pc, isa::AccessKind kind, GuestVa address,
                                            bool null) const;
  void kernel_page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);
  void enter_system_call(machine::Cpu& cpu, Task& task, bool by_gate32 = false);
  bool system_call(machine::Cpu& cpu, Task& task);
  void page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);
  // VM_FAULT_*
  std::uint64_t handle_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);
  bool vsyscall(machine::Cpu& cpu, Task& task);
  bool emulated(machine::Cpu& cpu, Task& task);
  void fault(machine::Cpu& cpu, Task& task, const machine::Fault& fault);

  // A timer's or a task's; nothing where user code does not come of it.
  std::optional<machine::Turn> take_turn();
  void finish_turn();
  // Of a breakpoint that is disabled because what hit it cannot be stepped over.
  void gave_up(machine::Cpu& cpu, const PerfEvent& event);

  machine::Machine& machine_;
  unsigned slots_;
  std::uint64_t max_cycles_;
  std::shared_ptr<FileLocks> file_locks_;  // files may outlive us
  NotifierChain die_chain_;
  Upcalls upcalls_{*this};
  std::unique_ptr<Arch> arch_;
  Printk printk_;
  Ratelimit given_up_;
  Syslog syslog_{printk_};
  FileSystem file_system_;
  Programs programs_;
  Timers timers_;
  ContextSwitch context_switch_;
  Scheduler scheduler_;
  TaskTable tasks_;
  Signals signals_;
  Ptrace ptrace_;
  Futexes futexes_;
  PerfCore perf_;
  SoftwareEvents software_events_;
  HwBreakpoints hw_breakpoints_;
  ProcessTimers process_timers_;
  CpuHotplug cpu_hotplug_;
  KernelAccesses accesses_;
  Lifecycle lifecycle_;
  machine::Run run_{machine_, *this};
  std::optional<UserMode> user_;  // whose turn it is
  std::optional<KernelMode> kernel_mode_;
  Task* turn_task_ = nullptr;    // with either
  std::uint64_t next_pipe_ = 2;  // the first is what the program reads from
  bool powered_off_ = false;
  bool cycles_used_up_ = false;
  bool out_of_memory_ = false;
  bool stuck_ = false;
  std::function<void()> unfinished_;
  std::string failure_;
  unsigned calls_now_ = 0;                   // call_now() within call_now()
  std::unique_ptr<KernelHalf> kernel_half_;  // null: there is no guest code of the kernel
};

}  // namespace trapline::kernel
