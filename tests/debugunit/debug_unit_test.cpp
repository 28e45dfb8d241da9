#include "debugunit/debug_unit.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace trapline::debugunit {
namespace {

TEST(DebugUnit, RegistersAreNamedAsInTheManuals) {
  constexpr std::pair<Register, std::string_view> kNames[] = {
      {Register::Dr0, "DR0"}, {Register::Dr1, "DR1"}, {Register::Dr2, "DR2"},   {Register::Dr3, "DR3"},
      {Register::Dr6, "DR6"}, {Register::Dr7, "DR7"}, {Register::Dabr, "DABR"}, {Register::Dabrx, "DABRX"},
  };
  for (const auto& [reg, text] : kNames) EXPECT_EQ(name(reg), text);
}

TEST(DebugUnit, EachIsaHasItsOwn) {
  const auto x86 = make_debug_unit(isa::Isa::X86_64);
  ASSERT_NE(x86, nullptr);
  EXPECT_EQ(x86->slots(), 4U);  // SDM vol. 3B 18.2.1: DR0–DR3
  EXPECT_EQ(x86->read(Register::Dr7), 0x400U);

  const auto ppc64 = make_debug_unit(isa::Isa::Ppc64);
  ASSERT_NE(ppc64, nullptr);
  EXPECT_EQ(ppc64->slots(), 1U);  // Power ISA Book III-S chapter 8: one DABR
  ppc64->write(Register::Dabr, 0x1007);
  EXPECT_EQ(ppc64->read(Register::Dabr), 0x1007U);
}

}  // namespace
}  // namespace trapline::debugunit
