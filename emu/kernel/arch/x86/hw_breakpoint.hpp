// Hardware breakpoints on x86-64 (arch/x86/kernel/hw_breakpoint.c): DR0 to DR3 and DR7 of each CPU, and what
// becomes of a #DB.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "debugunit/x86/debug_registers.hpp"
#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

class HwBreakpoints;
class Task;

namespace x86_arch {

class HwBreakpointUnit {
 public:
  struct Uses {
    unsigned cpus;
    unsigned slots;  // how many of its registers are used
    NotifierChain& die_chain;
    HwBreakpoints& hw_breakpoints;
  };
  explicit HwBreakpointUnit(const Uses& uses);

  // The names are those of Linux; see HwBreakpointArch and Arch.
  static Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr);
  static bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw);
  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu);
  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu);
  // local_db_save(), local_db_restore()
  static void hw_breakpoint_disable(machine::Cpu& cpu);
  void hw_breakpoint_restore(machine::Cpu& cpu) const;
  void kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                     const machine::Cpu::Before& before);

  // #DB (exc_debug_user()): the si_code of the SIGTRAP to send, where nobody in the die chain handled it.
  std::optional<int> debug_exception(machine::Cpu& cpu, Task& task,
                                     const machine::DebugException& exception) const;

 private:
  static constexpr unsigned kHbpNum = debugunit::x86::kSlots;  // HBP_NUM
  struct PerCpu {
    std::array<PerfEvent*, kHbpNum> bp_per_reg{};
    std::uint64_t dr7 = 0;  // cpu_dr7: what our breakpoints want of it
  };

  Notify hw_breakpoint_handler(DieArgs& args);

  Uses uses_;
  std::vector<PerCpu> cpus_;
};

}  // namespace x86_arch

}  // namespace trapline::kernel
