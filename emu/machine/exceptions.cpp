#include "emu/machine/exceptions.hpp"

namespace trapline::machine {

namespace {

// Intel SDM vol. 3, table 6-1.
Stop x86_stop(unsigned vector) {
  switch (vector) {
    case 0:
      return Fault{FaultKind::DivideError};
    case 3:
      return SoftwareBreakpoint{};
    case 16:
    case 19:
      return Fault{FaultKind::FloatingPoint};
    case 17:
      return Fault{FaultKind::Alignment};
    case 0x80:
      return SystemCall32{};
    case 6:
      return Fault{FaultKind::IllegalInstruction};
    default:
      return Fault{FaultKind::PrivilegedInstruction};  // #GP, and INT n without a gate that user code may use
  }
}

// tw, td, twi and tdi (Power ISA Book I, 3.3.11): the only instructions whose program interrupt is a trap.
bool is_trap(std::uint32_t word) {
  const std::uint32_t primary = word >> 26;
  const std::uint32_t extended = word >> 1 & 0x3ff;
  return primary == 2 || primary == 3 || (primary == 31 && (extended == 4 || extended == 68));
}

Stop ppc64_stop(unsigned number, std::uint32_t word) {
  // The engine's names for the interrupts of Power ISA Book III-S, 6.5.
  constexpr unsigned kAlignment = 5;
  constexpr unsigned kProgram = 6;
  switch (number) {
    case kAlignment:
      return Fault{FaultKind::Alignment};
    case kProgram:
      if (is_trap(word)) return SoftwareBreakpoint{};
      return Fault{FaultKind::IllegalInstruction};
    default:
      return Fault{FaultKind::IllegalInstruction};  // emulation assistance, facility unavailable
  }
}

}  // namespace

Stop interrupt_stop(isa::Isa isa, unsigned number, std::uint32_t word) {
  return isa == isa::Isa::X86_64 ? x86_stop(number) : ppc64_stop(number, word);
}

}  // namespace trapline::machine
