// What an instruction costs in cycles of the guest's clock. The figures are a teaching model, not a
// processor's: one table per instruction set, that a machine may override class by class.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "isa/decode.hpp"

namespace trapline::isa {

struct CostTable {
  std::array<std::uint32_t, kInstructionClasses> cycles{};

  constexpr std::uint32_t of(InstructionClass cls) const { return cycles[static_cast<std::size_t>(cls)]; }
  constexpr std::uint64_t of(const Instruction& instruction) const {
    return std::uint64_t{of(instruction.cls)} * instruction.times;
  }
};

const CostTable& default_costs(Isa isa);

// The key of a class in scenario files: "simple", "load", "read_modify" …
std::string_view name(InstructionClass cls);
std::optional<InstructionClass> class_from_name(std::string_view text);

}  // namespace trapline::isa
