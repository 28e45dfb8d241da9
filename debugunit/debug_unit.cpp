#include "debugunit/debug_unit.hpp"

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit {

std::string_view name(Register reg) {
  switch (reg) {
    case Register::Dr0:
      return "DR0";
    case Register::Dr1:
      return "DR1";
    case Register::Dr2:
      return "DR2";
    case Register::Dr3:
      return "DR3";
    case Register::Dr6:
      return "DR6";
    case Register::Dr7:
      return "DR7";
    case Register::Dabr:
      return "DABR";
    case Register::Dabrx:
      return "DABRX";
  }
  return "?";
}

std::unique_ptr<DebugUnit> make_debug_unit(isa::Isa isa) {
  switch (isa) {
    case isa::Isa::X86_64:
      return std::make_unique<x86::DebugRegisters>();
    case isa::Isa::Ppc64:
      return std::make_unique<ppc64::Dabr>();
  }
  return nullptr;
}

}  // namespace trapline::debugunit
