// MOV to and from a debug register: SDM vol. 2B, "MOV—Move to/from Debug Registers", and vol. 3B 18.2.
#include "debugunit/x86/mov_dr.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit::x86 {
namespace {

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
constexpr unsigned kNumbers = 16;  // four bits: reg of ModR/M and REX.R

struct Named {
  std::optional<Register> plain;     // with CR4.DE clear; nothing: #UD
  std::optional<Register> extended;  // with CR4.DE set
};

// 17.2.2: DR4 and DR5 are other names for DR6 and DR7, unless CR4.DE is set. There is no DR8 to DR15.
constexpr Named kNamed[kNumbers] = {
    {Register::Dr0, Register::Dr0},
    {Register::Dr1, Register::Dr1},
    {Register::Dr2, Register::Dr2},
    {Register::Dr3, Register::Dr3},
    {Register::Dr6, {}},
    {Register::Dr7, {}},
    {Register::Dr6, Register::Dr6},
    {Register::Dr7, Register::Dr7},
};

struct Value {
  std::optional<std::uint64_t> written;
  bool wide;  // has a bit above 31
};

constexpr Value kValues[] = {
    {{}, false},           {0, false},
    {0x400, false},        {0x2400, false},  // GD: a write that would set it is none of a register under it
    {0x7FFF'FFFF, false},  {0xFFFF'FFFF, false},
    {0x1'0000'0000, true}, {0x8000'0000'0000'0000, true},
    {kAllOnes, true},
};

// What the tables and the rules say, in the order of their priority: a number that names no register is no
// instruction; then the privilege; then #DB, which leaves the register alone, then what is wrong with the
// value.
MoveFault expected_fault(unsigned number, unsigned cpl, bool debug_extensions, bool general_detect,
                         const Value& value) {
  if (!kNamed[number].plain) return MoveFault::InvalidOpcode;
  const auto reg = debug_extensions ? kNamed[number].extended : kNamed[number].plain;
  if (!reg) return MoveFault::InvalidOpcode;
  if (cpl > 0) return MoveFault::GeneralProtection;
  if (general_detect) return MoveFault::GeneralDetect;
  const bool status_or_control = *reg == Register::Dr6 || *reg == Register::Dr7;
  if (value.wide && status_or_control) return MoveFault::GeneralProtection;
  return MoveFault::None;
}

TEST(MovDr, EveryNumberPrivilegeStateAndValue) {
  for (const bool general_detect : {false, true}) {
    DebugRegisters unit;
    unit.write(Register::Dr7, general_detect ? dr7::kGd : 0);
    for (unsigned number = 0; number < kNumbers; ++number) {
      for (unsigned cpl = 0; cpl <= 3; ++cpl) {
        for (const bool debug_extensions : {false, true}) {
          for (const Value& value : kValues) {
            SCOPED_TRACE(testing::Message() << "DR" << number << " CPL " << cpl << " DE " << debug_extensions
                                            << " GD " << general_detect << " value " << std::hex
                                            << value.written.value_or(0) << (value.written ? "" : " (read)"));
            const Move move = plan_move(unit, number, cpl, debug_extensions, value.written);
            const MoveFault fault = expected_fault(number, cpl, debug_extensions, general_detect, value);
            EXPECT_EQ(move.fault, fault);
            if (fault == MoveFault::None) {
              EXPECT_EQ(move.reg, *kNamed[number].plain);
            }
          }
        }
      }
    }
  }
}

// Of the bits of DR7 only GD refuses.
TEST(MovDr, OnlyGdDetects) {
  DebugRegisters unit({.rtm = true, .bus_lock = true});
  unit.write(Register::Dr7, kAllOnes & ~dr7::kGd);
  EXPECT_EQ(plan_move(unit, 0, 0, true, {}).fault, MoveFault::None);
  for (unsigned bit = 0; bit < 32; ++bit) {
    unit.write(Register::Dr7, std::uint64_t{1} << bit);
    EXPECT_EQ(plan_move(unit, 7, 0, true, 0x400).fault,
              bit == 13 ? MoveFault::GeneralDetect : MoveFault::None)
        << bit;
  }
}

// #DB clears GD on the way to its handler, which can then work.
TEST(MovDr, TheHandlerCanMove) {
  DebugRegisters unit;
  unit.write(Register::Dr7, dr7::kGd);
  EXPECT_EQ(plan_move(unit, 6, 0, true, {}).fault, MoveFault::GeneralDetect);
  unit.enter_handler();
  const Move move = plan_move(unit, 6, 0, true, {});
  EXPECT_EQ(move.fault, MoveFault::None);
  EXPECT_EQ(move.reg, Register::Dr6);
}

TEST(MovDr, PlanningChangesNothing) {
  DebugRegisters unit;
  unit.write(Register::Dr0, 0x1000);
  unit.write(Register::Dr7, dr7::kGd);
  for (unsigned number = 0; number < kNumbers; ++number) plan_move(unit, number, 0, false, 0x1234);
  EXPECT_EQ(unit.read(Register::Dr0), 0x1000U);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
  EXPECT_EQ(unit.read(Register::Dr7), 0x2400U);
}

TEST(MovDr, AMoveIsOfDr0AndAllowedUnlessToldOtherwise) {
  constexpr Move kMove;
  EXPECT_EQ(kMove.fault, MoveFault::None);
  EXPECT_EQ(kMove.reg, Register::Dr0);
}

}  // namespace
}  // namespace trapline::debugunit::x86
