#include "emu/machine/exceptions.hpp"

#include "isa/ppc64/special.hpp"

namespace trapline::machine {

namespace {

// Intel SDM vol. 3, table 6-1.
Stop x86_stop(unsigned vector) {
  switch (vector) {
    case 0:
      return Fault{FaultKind::DivideError, vector};
    case 3:
      return SoftwareBreakpoint{};
    case 16:
    case 19:
      return Fault{FaultKind::FloatingPoint, vector};
    case 17:
      return Fault{FaultKind::Alignment, vector};
    case 0x80:
      return SystemCall32{};
    case 6:
      return Fault{FaultKind::IllegalInstruction, vector};
    default:
      // #GP, and INT n without a gate that user code may use
      return Fault{FaultKind::PrivilegedInstruction, vector};
  }
}

// The engine's numbers for the interrupts of Power ISA Book III-S, 6.5, and their effective addresses.
Stop ppc64_stop(unsigned number, std::uint32_t word) {
  switch (number) {
    case 5:
      return Fault{FaultKind::Alignment, 0x600};
    case 6:
      // What is illegal comes as emulation assistance, so this is what user mode may not execute.
      if (isa::ppc64::is_trap(word)) return SoftwareBreakpoint{};
      return Fault{FaultKind::PrivilegedInstruction, 0x700};
    case 7:  // floating point unavailable
      return Fault{FaultKind::IllegalInstruction, 0x800};
    case 73:  // vector unavailable
      return Fault{FaultKind::IllegalInstruction, 0xf20};
    case 94:  // VSX unavailable
      return Fault{FaultKind::IllegalInstruction, 0xf40};
    case 95:  // facility unavailable
      return Fault{FaultKind::IllegalInstruction, 0xf60};
    default:  // hypervisor emulation assistance
      return Fault{FaultKind::IllegalInstruction, 0xe40};
  }
}

}  // namespace

Stop interrupt_stop(isa::Isa isa, unsigned number, std::uint32_t word) {
  return isa == isa::Isa::X86_64 ? x86_stop(number) : ppc64_stop(number, word);
}

}  // namespace trapline::machine
