#include "isa/cost.hpp"

#include <algorithm>

namespace trapline::isa {
namespace {

struct ClassName {
  InstructionClass cls;
  std::string_view name;
};

constexpr std::array<ClassName, kInstructionClasses> kClassNames{{
    {InstructionClass::Simple, "simple"},
    {InstructionClass::Load, "load"},
    {InstructionClass::Store, "store"},
    {InstructionClass::ReadModify, "read_modify"},
    {InstructionClass::Multiply, "multiply"},
    {InstructionClass::Divide, "divide"},
    {InstructionClass::Branch, "branch"},
    {InstructionClass::Call, "call"},
    {InstructionClass::Float, "float"},
    {InstructionClass::FloatDivide, "float_divide"},
    {InstructionClass::Vector, "vector"},
    {InstructionClass::Barrier, "barrier"},
    {InstructionClass::System, "system"},
}};

constexpr bool in_order_of_the_classes() {
  for (std::size_t i = 0; i < kClassNames.size(); ++i) {
    if (kClassNames[i].cls != static_cast<InstructionClass>(i)) return false;
  }
  return true;
}
static_assert(in_order_of_the_classes());

constexpr CostTable kX86Costs = [] {
  CostTable table;
#define COST(cls, cost) table.cycles[static_cast<std::size_t>(InstructionClass::cls)] = cost;
#include "isa/x86/costs.inc"
#undef COST
  return table;
}();

constexpr CostTable kPpc64Costs = [] {
  CostTable table;
#define COST(cls, cost) table.cycles[static_cast<std::size_t>(InstructionClass::cls)] = cost;
#include "isa/ppc64/costs.inc"
#undef COST
  return table;
}();

// A class that a table forgets would stop the clock.
constexpr bool complete(const CostTable& table) {
  return std::ranges::all_of(table.cycles, [](std::uint32_t cycles) { return cycles > 0; });
}
static_assert(complete(kX86Costs) && complete(kPpc64Costs));

}  // namespace

const CostTable& default_costs(Isa isa) { return isa == Isa::X86_64 ? kX86Costs : kPpc64Costs; }

std::string_view name(InstructionClass cls) { return kClassNames[static_cast<std::size_t>(cls)].name; }

std::optional<InstructionClass> class_from_name(std::string_view text) {
  const auto row = std::ranges::find(kClassNames, text, &ClassName::name);
  if (row == kClassNames.end()) return std::nullopt;
  return row->cls;
}

}  // namespace trapline::isa
