// What the core API of breakpoints asks of the instruction set (arch/*/kernel/hw_breakpoint.c).
#pragma once

#include <cstdint>

#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class HwBreakpointArch {
 public:
  // EOPNOTSUPP where it has no registers for such (hw_breakpoint_slots()).
  virtual Status hw_breakpoint_slots(std::uint32_t /*bp_type*/) const { return Done{}; }
  virtual Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const = 0;
  virtual bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const = 0;
  // What an instruction set adds to the constraints on slots, for an event that they allow
  // (arch_reserve_bp_slot): ENOSPC.
  virtual Status arch_reserve_bp_slot(const PerfEvent& /*event*/) { return Done{}; }
  virtual void arch_release_bp_slot(const PerfEvent& /*event*/) {}
  // An event that holds a slot is about to be given the address and length of `to`, with no question asked
  // (modify_user_hw_breakpoint).
  virtual void arch_move_bp_slot(const PerfEvent& /*event*/, const PerfEventAttr& /*to*/) {}
  // Puts the event into a register of the CPU; EBUSY where none is free, which the constraints prevent.
  virtual Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) = 0;
  virtual void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) = 0;

 protected:
  ~HwBreakpointArch() = default;
};

}  // namespace trapline::kernel
