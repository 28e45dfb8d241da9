// Hardware breakpoints on PPC64 (arch/powerpc/kernel/hw_breakpoint.c and hw_breakpoint_constraints.c): one
// DABR, one DAWR, or two.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "debugunit/debug_unit.hpp"
#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/arch/ppc64/reservations.hpp"
#include "emu/kernel/hw_breakpoint/policy.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

class HwBreakpoints;
class PerfCore;
class Scheduler;
struct ArchUses;
class Task;

namespace ppc64 {

class HwBreakpointUnit {
 public:
  // Registers itself in the die chain, first.
  explicit HwBreakpointUnit(const ArchUses& uses);

  // The names are those of Linux; see HwBreakpointArch and Arch.
  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const;
  static bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw);
  Status arch_reserve_bp_slot(const PerfEvent& event);
  void arch_release_bp_slot(const PerfEvent& event);
  void arch_move_bp_slot(const PerfEvent& event, const PerfEventAttr& to);
  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu);
  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu);
  void hw_breakpoint_disable(machine::Cpu& cpu);
  // __set_breakpoint() of a kernel debugger's.
  void set_debugger_breakpoint(machine::Cpu& cpu, unsigned slot, isa::GuestVa address, std::uint16_t type);
  void set_symbol_size(const std::function<std::optional<std::uint64_t>(isa::GuestVa)>& size) {
    symbol_size_ = size;
  }
  void hw_breakpoint_restore(machine::Cpu& cpu) { arm_all(cpu); }

  // The data storage interrupt by a breakpoint, and the trace interrupt: the SIGTRAP to send where nobody in
  // the die chain handled it.
  struct Trap {
    int code = 0;  // TRAP_HWBKPT, TRAP_TRACE
    isa::GuestVa address;
  };
  std::optional<Trap> debug_exception(machine::Cpu& cpu, Task& task,
                                      const machine::DebugException& exception);

  // The kernel accessed user memory for the task. Such an access needs no step to be carried out.
  std::optional<Trap> kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                                    const machine::Cpu::Before& before);
  // What is to be stepped over comes now: what it finds may not be what the interrupt found.
  static void return_to_user(Task& task);

  // The task, which is on the CPU, is to go on elsewhere, as in a signal's handler: a step over a watched
  // access that is under way will not be seen to its end, so what it took away is armed again.
  void thread_change_pc(machine::Cpu& cpu, Task& task);

 private:
  struct PerCpu {
    std::array<PerfEvent*, kHbpNumMax> bp_per_reg{};
    // BreakpointPolicy::switches_lazily: set for a task that is no longer there.
    std::array<bool, kHbpNumMax> lazy{};
  };

  // What is left set of a task that made way: whether one of the registers that matched.
  bool swallow_lazy_hit(const DieArgs& args);
  bool dawr() const { return model_ != debugunit::Model::Dabr; }
  static bool single_step_pending(const Task& task);
  void set_breakpoint(machine::Cpu& cpu, unsigned slot, const ArchHwBreakpoint& hw);
  void clear_breakpoint(machine::Cpu& cpu, unsigned slot);
  void arm_all(machine::Cpu& cpu);
  isa::GuestVa dar(const machine::Cpu& cpu, const machine::DebugException& exception) const;
  Notify hw_breakpoint_handler(DieArgs& args);
  void emulate_step(DieArgs& args, const std::array<PerfEvent*, kHbpNumMax>& hits,
                    const std::array<machine::WatchedBytes, kHbpNumMax>& before);
  Notify single_step_dabr_instruction(DieArgs& args);

  Scheduler& scheduler_;
  std::function<void(machine::Cpu& cpu, const PerfEvent& event)> gave_up_;
  NotifierChain& die_chain_;
  PerfCore& perf_;
  HwBreakpoints& hw_breakpoints_;
  debugunit::Model model_;
  unsigned nr_wp_slots_;
  BreakpointPolicy policy_;
  std::function<std::optional<std::uint64_t>(isa::GuestVa)> symbol_size_;
  std::vector<PerCpu> cpus_;
  Reservations reserved_;  // all of ptrace's, and others with user addresses
};

}  // namespace ppc64

}  // namespace trapline::kernel
