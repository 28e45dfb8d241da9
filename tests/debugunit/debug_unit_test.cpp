#include "debugunit/debug_unit.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace trapline::debugunit {
namespace {

constexpr Register kRegisters[] = {Register::Dr0,   Register::Dr1,    Register::Dr2,   Register::Dr3,
                                   Register::Dr6,   Register::Dr7,    Register::Dabr,  Register::Dabrx,
                                   Register::Dawr0, Register::Dawrx0, Register::Dawr1, Register::Dawrx1};

TEST(DebugUnit, RegistersAreNamedAsInTheManuals) {
  constexpr std::string_view kNames[] = {"DR0",  "DR1",   "DR2",   "DR3",    "DR6",   "DR7",
                                         "DABR", "DABRX", "DAWR0", "DAWRX0", "DAWR1", "DAWRX1"};
  static_assert(std::size(kNames) == std::size(kRegisters));
  for (std::size_t i = 0; i < std::size(kNames); ++i) EXPECT_EQ(name(kRegisters[i]), kNames[i]);
  EXPECT_EQ(name(Register{99}), "?");
}

TEST(DebugUnit, ModelsAreNamedAsInScenarioFiles) {
  EXPECT_EQ(name(Model::DebugRegisters), "dr");
  EXPECT_EQ(name(Model::Dabr), "dabr");
  EXPECT_EQ(name(Model::Dawr), "dawr");
  EXPECT_EQ(name(Model::Dawr2), "dawr2");
  EXPECT_EQ(name(Model{99}), "?");
}

TEST(DebugUnit, EachModelIsOfOneIsa) {
  EXPECT_EQ(isa_of(Model::DebugRegisters), isa::Isa::X86_64);
  for (const Model model : {Model::Dabr, Model::Dawr, Model::Dawr2}) {
    EXPECT_EQ(isa_of(model), isa::Isa::Ppc64);
  }
  EXPECT_EQ(default_model(isa::Isa::X86_64), Model::DebugRegisters);
  EXPECT_EQ(default_model(isa::Isa::Ppc64), Model::Dabr);
}

struct Made {
  Model model;
  unsigned slots;
  std::uint32_t registers;  // bit n: has kRegisters[n]
};

// SDM vol. 3B 17.2.1: DR0–DR3. Power ISA Book III-S chapter 8: one DABR, one DAWR since v2.07, two since
// v3.1.
constexpr Made kMade[] = {
    {Model::DebugRegisters, 4, 0b0000'0011'1111},
    {Model::Dabr, 1, 0b0000'1100'0000},
    {Model::Dawr, 1, 0b0011'0000'0000},
    {Model::Dawr2, 2, 0b1111'0000'0000},
};

TEST(DebugUnit, EachModelHasItsRegistersAndNoOthers) {
  for (const Made& made : kMade) {
    SCOPED_TRACE(name(made.model));
    const auto unit = make_debug_unit(made.model);
    ASSERT_NE(unit, nullptr);
    EXPECT_EQ(unit->slots(), made.slots);
    for (std::size_t i = 0; i < std::size(kRegisters); ++i) {
      const std::uint64_t before = unit->read(kRegisters[i]);
      unit->write(kRegisters[i], 0x61);
      EXPECT_EQ(unit->read(kRegisters[i]) != before, ((made.registers >> i) & 1) != 0) << name(kRegisters[i]);
    }
  }
  EXPECT_EQ(make_debug_unit(Model{99}), nullptr);
}

TEST(DebugUnit, X86HasTheFeaturesAskedFor) {
  const auto dr6_of_zero = [](Features features) {
    const auto unit = make_debug_unit(Model::DebugRegisters, features);
    unit->write(Register::Dr6, 0);
    return unit->read(Register::Dr6);
  };
  EXPECT_EQ(dr6_of_zero({}), 0xFFFF0FF0U);
  EXPECT_EQ(dr6_of_zero({.rtm = true}), 0xFFFE0FF0U);
  EXPECT_EQ(dr6_of_zero({.bus_lock = true}), 0xFFFF07F0U);
  const auto plain = make_debug_unit(Model::DebugRegisters);
  plain->write(Register::Dr6, 0);
  EXPECT_EQ(plain->read(Register::Dr6), 0xFFFF0FF0U);
}

// What the executing side relies on where it says nothing: a user program under Linux, with CR4.DE.
TEST(DebugUnit, ContextIsAUserProgramsUnlessToldOtherwise) {
  constexpr Context kContext;
  EXPECT_EQ(kContext.privilege, Privilege::User);
  EXPECT_TRUE(kContext.translation);
  EXPECT_TRUE(kContext.debug_extensions);
}

TEST(DebugUnit, ValuesAreEmptyUnlessToldOtherwise) {
  constexpr Match kMatch;
  EXPECT_EQ(kMatch.slots, 0U);
  EXPECT_EQ(kMatch.timing, Timing::Before);
  constexpr Watched kWatched;
  EXPECT_EQ(kWatched, (Watched{.slot = 0, .first = isa::GuestVa(0), .size = 0, .execute = false}));
  constexpr Features kFeatures;
  EXPECT_FALSE(kFeatures.rtm);
  EXPECT_FALSE(kFeatures.bus_lock);
}

}  // namespace
}  // namespace trapline::debugunit
