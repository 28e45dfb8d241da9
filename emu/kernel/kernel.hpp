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
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/kernel/trace/trace.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

struct KernelSpec {
  std::optional<unsigned>
      slots;  // breakpoint registers used: absent: all of the unit; 0: no hardware breakpoints
  std::optional<RootFolder> root{};
  std::uint64_t max_cycles = 1'000'000'000;
};

// What the first process is started with.
struct ProgramStart {
  std::string name;  // argv[0]; its last part is the task's name and that of /proc/self/exe
  std::vector<std::string> arguments{};    // argv[1] onwards
  std::vector<std::string> environment{};  // NAME=value
  FileRef standard_input{};
  FileRef standard_output{};
  FileRef standard_error{};
};

class Kernel {
 public:
  Kernel(machine::Machine& machine, const KernelSpec& spec);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Makes the first process of an ELF image. Throws ElfError where it is none that can run here.
  Task& start(const FileBytes& image, const ProgramStart& start);

  // Runs until the first process is gone. One that is still there after max_cycles is killed by SIGXCPU, as a
  // process beyond its RLIMIT_CPU is.
  ExitStatus run();

  machine::Machine& machine() { return machine_; }
  isa::Isa isa() const { return machine_.isa(); }
  Arch& arch() { return *arch_; }
  PerfCore& perf() { return perf_; }
  HwBreakpoints& hw_breakpoints() { return hw_breakpoints_; }
  unsigned slots() const { return slots_; }
  NotifierChain& die_chain() { return die_chain_; }
  FileSystem& file_system() { return file_system_; }

  // The task that runs on a CPU, or null.
  Task* current(const machine::Cpu& cpu) { return current_[cpu.index()]; }
  machine::Cpu* cpu_of(const Task& task);

  // Nanoseconds since the machine was made: one cycle is one nanosecond.
  std::uint64_t now(const machine::Cpu& cpu) const { return cpu.clock(); }

  void force_signal(Task& task, const SignalInfo& info);
  // kill(2) and its like: EINVAL for a number that is no signal. 0 only checks.
  Status send_signal(Task& task, int signal);
  // After signals were unblocked: what was sent in the meantime takes effect.
  void deliver_pending(Task& task);
  void exit(Task& task, ExitStatus status);

  void set_trace(TraceSink sink) { trace_ = std::move(sink); }
  bool tracing() const { return trace_ != nullptr; }
  // Appends an event to the trace, if anybody listens.
  void trace(const machine::Cpu& cpu, Layer layer, std::string_view what,
             std::initializer_list<std::pair<const char*, TraceValue>> fields = {});

  // Whether run() ended the process for want of cycles.
  bool cycles_used_up() const { return cycles_used_up_; }
  // What the guest asked for that this kernel cannot do, if it died of that.
  const std::string& unsupported() const { return unsupported_; }
  // Why the engine gave up, if it did: an error of ours, not of the guest.
  const std::string& failure() const { return failure_; }

 private:
  void handle(machine::Cpu& cpu, Task& task, const machine::Stop& stop);
  void trace_match(const machine::Cpu& cpu, const machine::DebugException& exception);
  void system_call(machine::Cpu& cpu, Task& task);
  void page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);
  void fault(machine::Cpu& cpu, Task& task, const machine::Fault& fault);
  void switch_to(machine::Cpu& cpu, Task& task);

  machine::Machine& machine_;
  unsigned slots_;
  std::uint64_t max_cycles_;
  FileSystem file_system_;
  TraceSink trace_;
  NotifierChain die_chain_;
  std::unique_ptr<Arch> arch_;
  PerfCore perf_;
  HwBreakpoints hw_breakpoints_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<Task*> current_;  // by CPU
  bool cycles_used_up_ = false;
  std::string unsupported_;
  std::string failure_;
};

}  // namespace trapline::kernel
