#include "debugunit/debug_unit.hpp"

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/ppc64/dawr.hpp"
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
    case Register::Dawr0:
      return "DAWR0";
    case Register::Dawrx0:
      return "DAWRX0";
    case Register::Dawr1:
      return "DAWR1";
    case Register::Dawrx1:
      return "DAWRX1";
  }
  return "?";
}

std::string_view name(Model model) {
  switch (model) {
    case Model::DebugRegisters:
      return "dr";
    case Model::Dabr:
      return "dabr";
    case Model::Dawr:
      return "dawr";
    case Model::Dawr2:
      return "dawr2";
  }
  return "?";
}

Model default_model(isa::Isa isa) { return isa == isa::Isa::X86_64 ? Model::DebugRegisters : Model::Dabr; }

isa::Isa isa_of(Model model) { return model == Model::DebugRegisters ? isa::Isa::X86_64 : isa::Isa::Ppc64; }

std::unique_ptr<DebugUnit> make_debug_unit(Model model, Features features) {
  switch (model) {
    case Model::DebugRegisters:
      return std::make_unique<x86::DebugRegisters>(features);
    case Model::Dabr:
      return std::make_unique<ppc64::Dabr>();
    case Model::Dawr:
      return std::make_unique<ppc64::Dawr>(1);
    case Model::Dawr2:
      return std::make_unique<ppc64::Dawr>(2);
  }
  return nullptr;
}

}  // namespace trapline::debugunit
