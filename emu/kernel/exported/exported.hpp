// The functions that the model exports to kernel code (EXPORT_SYMBOL), as guest code calls them. They are to
// that code what system calls are to programs, and see the whole kernel likewise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class Kernel;
class Printk;
class Task;

class Exported;

// One call under way.
struct ExportedCall {
  Kernel& kernel;
  Exported& exported;
  machine::Cpu& cpu;
  Task& task;

  KernelSpace& space() const;
  std::uint64_t argument(std::size_t n) const;
  std::int32_t integer(std::size_t n) const { return static_cast<std::int32_t>(argument(n)); }
  GuestVa address(std::size_t n) const { return GuestVa(argument(n)); }
  // "" where there is none.
  std::string text(std::size_t n) const;
};

// Nothing: it is not done, and entered again (ExportedFunctions::enter()).
using ExportedFunction = std::optional<std::uint64_t> (*)(ExportedCall& call);
struct ExportedEntry {
  std::string_view name;
  ExportedFunction function = nullptr;
};

// By the header of Linux that declares them.
std::span<const ExportedEntry> message_functions();     // printk.h, kernel.h, bug.h
std::span<const ExportedEntry> memory_functions();      // slab.h, vmalloc.h, percpu.h, uaccess.h
std::span<const ExportedEntry> task_functions();        // sched.h, smp.h, preempt.h, irqflags.h
std::span<const ExportedEntry> thread_functions();      // what the library's kthread.c, timer.c … stand on
std::span<const ExportedEntry> symbol_functions();      // kallsyms.h
std::span<const ExportedEntry> breakpoint_functions();  // hw_breakpoint.h, perf_event.h
std::span<const ExportedEntry> probe_functions();       // kprobes.h
std::span<const ExportedEntry> file_functions();        // what the library's vfs.c, debugfs.c … stand on
std::span<const ExportedEntry> hotplug_functions();     // what the library's cpu.c stands on
std::span<const ExportedEntry> die_functions();         // kdebug.h, random.h
std::span<const ExportedEntry> debugger_functions(isa::Isa isa);  // asm/debug.h
std::span<const ExportedEntry> trampolines(isa::Isa isa);

// By Linux's layout.
std::uint64_t preempt_count(const ExportedCall& call);

// What a function returns that fails.
constexpr std::uint64_t error_value(int number) { return 0 - static_cast<std::uint64_t>(number); }

class Exported final : public ExportedFunctions {
 public:
  Exported(Kernel& kernel, KernelCode& code, Printk& printk);

  std::optional<std::uint64_t> enter(std::size_t index, machine::Cpu& cpu, Task& task) override;

  KernelCode& code() const { return code_; }
  Printk& printk() const { return printk_; }

  // struct task_struct of a task, as it is now; 0 where there is no memory for it.
  GuestVa task_struct(Task& task);
  // init_task, whose list all processes are in. Each joins it when it is made and leaves it when it ends.
  void set_init_task(GuestVa init_task) { init_task_ = init_task; }
  void link_task(Task& task);
  void unlink_task(Task& task);
  // Whose that is; null: nobody's any more.
  Task* task_of(GuestVa task_struct) const;
  // get_task_struct(): its memory outlives the task.
  void hold_task(GuestVa task_struct);
  void let_go_of_task(GuestVa task_struct);
  void scheduling_while_atomic(ExportedCall& call);

  // --- Events that kernel code holds (breakpoints.cpp) ---
  // struct perf_event of it, which is the event's owner from now on.
  GuestVa keep(PerfEventRef event, GuestVa handler, GuestVa context);
  PerfEvent* event_at(GuestVa perf_event) const;
  void release(GuestVa perf_event);
  // Calls the guest's handler for a hit.
  void triggered(std::uint64_t id, const BreakpointHit& hit);
  void update(GuestVa perf_event, const PerfEvent& event);
  // The kernel itself has changed the event, which may be nobody's of these.
  void changed(const PerfEvent& event);
  // For PerfEvent::overflow_handler, before there is an event.
  PerfEvent::OverflowHandler handler();

 private:
  struct Held {
    PerfEventRef event;
    GuestVa handler;
  };

  struct HeldTask {
    std::shared_ptr<Task> task;
    unsigned count = 0;
  };

  Kernel& kernel_;
  KernelCode& code_;
  Printk& printk_;
  std::vector<ExportedEntry> functions_;
  GuestVa init_task_;
  std::map<std::uint64_t, Held> events_;          // by struct perf_event's address
  std::map<std::uint64_t, std::uint64_t> ids_;    // and that by the event's number
  std::map<std::uint64_t, HeldTask> held_tasks_;  // by struct task_struct's address
};

}  // namespace trapline::kernel
