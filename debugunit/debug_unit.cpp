#include "debugunit/debug_unit.hpp"

#include <array>
#include <span>

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/ppc64/dawr.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit {

namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 12> kRegisterNames{
    "DR0", "DR1", "DR2", "DR3", "DR6", "DR7", "DABR", "DABRX", "DAWR0", "DAWRX0", "DAWR1", "DAWRX1"};
constexpr std::array<std::string_view, 4> kModelNames{"dr", "dabr", "dawr", "dawr2"};

std::string_view at(std::span<const std::string_view> names, std::size_t index) {
  return index < names.size() ? names[index] : "?";
}

}  // namespace

std::string_view name(Register reg) { return at(kRegisterNames, static_cast<std::size_t>(reg)); }

std::string_view name(Model model) { return at(kModelNames, static_cast<std::size_t>(model)); }

std::optional<Model> model_from_name(std::string_view name) {
  for (const Model model : kAllModels) {
    if (trapline::debugunit::name(model) == name) return model;
  }
  return std::nullopt;
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
