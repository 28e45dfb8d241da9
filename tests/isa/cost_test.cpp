#include "isa/cost.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace trapline::isa {
namespace {

TEST(Cost, EveryClassCostsSomethingOnBothSets) {
  for (const Isa isa : kAllIsas) {
    for (const std::uint32_t cycles : default_costs(isa).cycles) EXPECT_GT(cycles, 0u) << name(isa);
  }
}

// The order that the model teaches.
TEST(Cost, Order) {
  for (const Isa isa : kAllIsas) {
    const CostTable& costs = default_costs(isa);
    EXPECT_EQ(costs.of(InstructionClass::Simple), 1u);
    EXPECT_LT(costs.of(InstructionClass::Simple), costs.of(InstructionClass::Load));
    EXPECT_LT(costs.of(InstructionClass::Load), costs.of(InstructionClass::ReadModify));
    EXPECT_LT(costs.of(InstructionClass::Multiply), costs.of(InstructionClass::Divide));
    EXPECT_LT(costs.of(InstructionClass::Float), costs.of(InstructionClass::FloatDivide));
  }
}

TEST(Cost, NamesAreUniqueAndComeBack) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kInstructionClasses; ++i) {
    const auto cls = static_cast<InstructionClass>(i);
    EXPECT_TRUE(names.insert(name(cls)).second) << name(cls);
    EXPECT_EQ(class_from_name(name(cls)), cls);
  }
  EXPECT_EQ(name(InstructionClass::ReadModify), "read_modify");
  EXPECT_EQ(name(InstructionClass::FloatDivide), "float_divide");
}

TEST(Cost, UnknownNames) {
  for (const std::string_view text : {"", "Simple", "load ", "read-modify", "nothing"}) {
    EXPECT_EQ(class_from_name(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace trapline::isa
