// DAWR0, DAWRX0, DAWR1 and DAWRX1, rule by rule: Power ISA v2.07, v3.0B and v3.1, Book III, "Data Address
// Watchpoint".
#include "debugunit/ppc64/dawr.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace trapline::debugunit::ppc64 {
namespace {

using isa::AccessKind;
using isa::GuestVa;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
// Matches stores and loads of programs under Linux.
constexpr std::uint64_t kUsual = dawrx::kDw | dawrx::kDr | dawrx::kWt | dawrx::kPrivm;

struct Slot {
  Register address;
  Register extension;
};

constexpr Slot kSlots[] = {{Register::Dawr0, Register::Dawrx0}, {Register::Dawr1, Register::Dawrx1}};

void set(Dawr& unit, unsigned slot, std::uint64_t dawr, std::uint64_t dawrx) {
  unit.write(kSlots[slot].address, dawr);
  unit.write(kSlots[slot].extension, dawrx);
}

Dawr with(std::uint64_t dawr, std::uint64_t dawrx, unsigned count = 1, unsigned slot = 0) {
  Dawr unit(count);
  set(unit, slot, dawr, dawrx);
  return unit;
}

std::uint32_t slots_matched(const Dawr& unit, std::uint64_t address, std::uint32_t size,
                            AccessKind kind = AccessKind::Write, const Context& context = {}) {
  const auto found = unit.match({GuestVa(address), size, kind}, context);
  EXPECT_NE(found, Match{}) << "a match of no slot";
  return found ? found->slots : 0;
}

bool matches(const Dawr& unit, std::uint64_t address, std::uint32_t size, AccessKind kind = AccessKind::Write,
             const Context& context = {}) {
  return slots_matched(unit, address, size, kind, context) != 0;
}

// DAWR: DEAW 0:60. DAWRX: MRD 48:53, HRAMMC 56, DW 57, DR 58, WT 59, WTI 60, HYP, PNH and PRO 61:63; counted
// from the left.
TEST(Dawr, FieldsAreWhereTheManualPutsThem) {
  constexpr auto ibm = [](unsigned bit) { return std::uint64_t{1} << (63 - bit); };
  EXPECT_EQ(dawr::kDeaw, kAllOnes - 7);
  EXPECT_EQ(dawrx::kMrd, ibm(48) | ibm(49) | ibm(50) | ibm(51) | ibm(52) | ibm(53));
  EXPECT_EQ(dawrx::mrd(2), ibm(53));
  EXPECT_EQ(dawrx::mrd(33), ibm(48));
  EXPECT_EQ(dawrx::kHrammc, ibm(56));
  EXPECT_EQ(dawrx::kDw, ibm(57));
  EXPECT_EQ(dawrx::kDr, ibm(58));
  EXPECT_EQ(dawrx::kWt, ibm(59));
  EXPECT_EQ(dawrx::kWti, ibm(60));
  EXPECT_EQ(dawrx::kPrivm, ibm(61) | ibm(62) | ibm(63));
}

TEST(Dawr, IsZeroAfterReset) {
  for (const unsigned count : {1U, 2U}) {
    const Dawr unit(count);
    EXPECT_EQ(unit.slots(), count);
    for (const Slot& slot : kSlots) {
      EXPECT_EQ(unit.read(slot.address), 0U);
      EXPECT_EQ(unit.read(slot.extension), 0U);
    }
    EXPECT_THAT(unit.watched(), IsEmpty());
    EXPECT_FALSE(matches(unit, 0, 8));
    EXPECT_FALSE(matches(unit, 0, 8, AccessKind::Read));
  }
}

// DAWR 61:63 and DAWRX 0:47, 54 and 55 are reserved.
TEST(Dawr, ReservedBitsReadZero) {
  for (unsigned slot = 0; slot < 2; ++slot) {
    Dawr unit = with(kAllOnes, kAllOnes, 2, slot);
    EXPECT_EQ(unit.read(kSlots[slot].address), kAllOnes - 7);
    EXPECT_EQ(unit.read(kSlots[slot].extension), 0xFCFFU);
    EXPECT_EQ(unit.read(kSlots[1 - slot].address), 0U);
    EXPECT_EQ(unit.read(kSlots[1 - slot].extension), 0U);
    for (unsigned bit = 0; bit < 64; ++bit) {
      SCOPED_TRACE(bit);
      const std::uint64_t value = std::uint64_t{1} << bit;
      set(unit, slot, value, value);
      EXPECT_EQ(unit.read(kSlots[slot].address), bit < 3 ? 0 : value);
      EXPECT_EQ(unit.read(kSlots[slot].extension), (bit < 8 || (bit >= 10 && bit < 16)) ? value : 0);
    }
  }
}

TEST(Dawr, TheFourRegistersAreApart) {
  Dawr unit(2);
  set(unit, 0, 0x1000, dawrx::kDw | privm::kPro);
  set(unit, 1, 0x2000, dawrx::kDr | privm::kHyp);
  EXPECT_EQ(unit.read(Register::Dawr0), 0x1000U);
  EXPECT_EQ(unit.read(Register::Dawrx0), dawrx::kDw | privm::kPro);
  EXPECT_EQ(unit.read(Register::Dawr1), 0x2000U);
  EXPECT_EQ(unit.read(Register::Dawrx1), dawrx::kDr | privm::kHyp);
}

// The interface: registers that a unit does not have read 0 and ignore writes.
TEST(Dawr, HasNoOtherRegisters) {
  Dawr unit = with(0x1000, kUsual, 2);
  for (const Register reg : {Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3, Register::Dr6,
                             Register::Dr7, Register::Dabr, Register::Dabrx}) {
    unit.write(reg, kAllOnes);
    EXPECT_EQ(unit.read(reg), 0U) << name(reg);
  }
  EXPECT_EQ(unit.read(Register::Dawr0), 0x1000U);
  EXPECT_EQ(unit.read(Register::Dawrx0), kUsual);
  EXPECT_EQ(unit.read(Register::Dawr1), 0U);
  EXPECT_EQ(unit.read(Register::Dawrx1), 0U);
}

// POWER8 and POWER9 have no second watchpoint.
TEST(Dawr, TheOneWatchpointModelHasNoSecond) {
  Dawr unit(1);
  set(unit, 1, 0x1000, kUsual);
  EXPECT_EQ(unit.read(Register::Dawr1), 0U);
  EXPECT_EQ(unit.read(Register::Dawrx1), 0U);
  EXPECT_FALSE(matches(unit, 0x1000, 8));
  EXPECT_THAT(unit.watched(), IsEmpty());
  set(unit, 0, 0x1000, kUsual);
  EXPECT_EQ(slots_matched(unit, 0x1000, 8), 1U);
}

// DW enables stores, DR loads; a fetch is no data access, and there are no ports.
TEST(Dawr, DwAndDrSelectTheKindsOfAccess) {
  for (const std::uint64_t kinds : {std::uint64_t{0}, dawrx::kDr, dawrx::kDw, dawrx::kDr | dawrx::kDw}) {
    SCOPED_TRACE(kinds);
    const Dawr unit = with(0x1000, dawrx::kWt | dawrx::kPrivm | kinds);
    EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Read), (kinds & dawrx::kDr) != 0);
    EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Write), (kinds & dawrx::kDw) != 0);
    EXPECT_FALSE(matches(unit, 0x1000, 4, AccessKind::Execute));
    EXPECT_FALSE(matches(unit, 0x1000, 4, AccessKind::Io));
  }
}

// PRIVM: PRO problem state, PNH privileged but not hypervisor, HYP hypervisor state; any mix of them.
TEST(Dawr, PrivmSelectsTheStatesThatMatch) {
  for (std::uint64_t privm = 0; privm <= dawrx::kPrivm; ++privm) {
    SCOPED_TRACE(privm);
    const Dawr unit = with(0x1000, dawrx::kWt | dawrx::kDw | privm);
    const auto matches_in = [&unit](Privilege privilege) {
      return matches(unit, 0x1000, 8, AccessKind::Write, {.privilege = privilege});
    };
    EXPECT_EQ(matches_in(Privilege::User), (privm & 1) != 0);
    EXPECT_EQ(matches_in(Privilege::Kernel), (privm & 2) != 0);
    EXPECT_EQ(matches_in(Privilege::Hypervisor), (privm & 4) != 0);
  }
}

// WT has to equal MSR[DR], unless WTI says to ignore it.
TEST(Dawr, TranslationHasToMatchUnlessIgnored) {
  for (const bool translation : {false, true}) {
    for (const bool wt : {false, true}) {
      for (const bool wti : {false, true}) {
        SCOPED_TRACE(testing::Message() << "MSR[DR] " << translation << " WT " << wt << " WTI " << wti);
        const Dawr unit =
            with(0x1000, dawrx::kDw | privm::kPro | (wt ? dawrx::kWt : 0) | (wti ? dawrx::kWti : 0));
        EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Write, {.translation = translation}),
                  wti || wt == translation);
      }
    }
  }
}

// MRD: the doublewords of the range, less one: 1 to 64.
TEST(Dawr, MrdIsTheLengthOfTheRange) {
  for (const unsigned count : {1U, 2U}) {
    for (unsigned slot = 0; slot < count; ++slot) {
      for (std::uint32_t doublewords = 1; doublewords <= 64; ++doublewords) {
        SCOPED_TRACE(testing::Message() << count << " watchpoints, slot " << slot << ", " << doublewords);
        const Dawr unit = with(0x1000, kUsual | (std::uint64_t{doublewords - 1} << 10), count, slot);
        const std::uint32_t bytes = 8 * doublewords;
        EXPECT_THAT(unit.watched(), ElementsAre(Watched{slot, GuestVa(0x1000), bytes, false}));
        EXPECT_FALSE(matches(unit, 0xFFF, 1));
        EXPECT_TRUE(matches(unit, 0x1000, 1));
        EXPECT_TRUE(matches(unit, 0x1000 + bytes - 1, 1));
        EXPECT_FALSE(matches(unit, 0x1000 + bytes, 1));
        EXPECT_TRUE(matches(unit, 0xFFF, 2));
        EXPECT_TRUE(matches(unit, 0x1000 + bytes - 1, 64));
      }
    }
  }
}

struct LimitCase {
  std::uint64_t first;
  std::uint64_t doublewords;
  std::uint32_t one;  // bytes watched by the one-watchpoint model
};

constexpr LimitCase kLimitCases[] = {
    {0x1000, 64, 512}, {0x1008, 64, 504},    {0x1008, 63, 504},      {0x1008, 62, 496}, {0x11F8, 1, 8},
    {0x11F8, 2, 8},    {0x11F8, 64, 8},      {0x1100, 33, 256},      {0x1100, 32, 256}, {0x1100, 31, 248},
    {0x1200, 2, 16},   {kAllOnes - 7, 1, 8}, {0xFFFF'FE00, 64, 512},
};

// POWER8 and POWER9: the range does not pass the aligned 512 bytes that it begins in. v3.1 has no such limit.
TEST(Dawr, OfOneWatchpointTheRangeEndsWithIts512Bytes) {
  for (const LimitCase& c : kLimitCases) {
    SCOPED_TRACE(testing::Message() << std::hex << c.first << " " << std::dec << c.doublewords);
    const auto check = [&c](const Dawr& unit, std::uint32_t bytes) {
      EXPECT_THAT(unit.watched(), ElementsAre(Watched{0, GuestVa(c.first), bytes, false}));
      EXPECT_TRUE(matches(unit, c.first + bytes - 1, 1));
      EXPECT_FALSE(matches(unit, c.first + bytes, 1));
      EXPECT_FALSE(matches(unit, c.first - 1, 1));
    };
    check(with(c.first, kUsual | dawrx::mrd(c.doublewords), 1), c.one);
    check(with(c.first, kUsual | dawrx::mrd(c.doublewords), 2),
          static_cast<std::uint32_t>(8 * c.doublewords));
  }
}

struct SpanCase {
  std::uint64_t address;
  std::uint32_t size;
  bool expected;
};

// Any byte of the access in the range: the doublewords at 0x1008 and 0x1010 here.
constexpr SpanCase kSpanCases[] =
    {
        {0x1008, 16, true},        {0x1008, 1, true},  {0x1017, 1, true},   {0x1007, 1, false},
        {0x1018, 1, false},        {0x1000, 8, false}, {0x1001, 8, true},   {0x1018, 8, false},
        {0x1016, 4, true},         {0x0FC9, 64, true}, {0x0FC8, 64, false}, {0x1000, 64, true},
        {0x1008, 0, false},        {0x100C, 0, false},  // lswx with a count of 0 has no byte
        {0x1'0000'1008, 8, false},                      // all 61 bits of DEAW count
};

TEST(Dawr, MatchesWhenAByteLiesInTheRange) {
  const Dawr unit = with(0x1008, kUsual | dawrx::mrd(2));
  for (const SpanCase& c : kSpanCases) {
    SCOPED_TRACE(testing::Message() << std::hex << c.address << "+" << c.size);
    EXPECT_EQ(matches(unit, c.address, c.size), c.expected);
  }
}

// Power ISA Book I, "Effective Address Calculation": effective addresses wrap from 2^64 - 1 to 0. The range
// of a watchpoint does not: there is no carry out of its comparison.
TEST(Dawr, AddressesWrapAtTheTopOfTheAddressSpaceAndRangesEndThere) {
  const Dawr bottom = with(0, kUsual);
  EXPECT_TRUE(matches(bottom, kAllOnes, 2));
  EXPECT_FALSE(matches(bottom, kAllOnes, 1));
  const Dawr top = with(kAllOnes, kUsual | dawrx::mrd(2), 2);
  EXPECT_TRUE(matches(top, kAllOnes, 64));
  EXPECT_FALSE(matches(top, 0, 1));
  EXPECT_THAT(top.watched(), ElementsAre(Watched{0, GuestVa(kAllOnes - 7), 8, false}));
}

constexpr std::uint64_t kBit0 = std::uint64_t{1} << 63;  // of an address, as the manual counts
constexpr Context kHypervisorRealMode{.privilege = Privilege::Hypervisor, .translation = false};

// HRAMMC: in hypervisor real addressing mode bit 0 of EA and of DEAW is ignored, and in no other state.
TEST(Dawr, HrammcIgnoresBit0InHypervisorRealMode) {
  for (const std::uint64_t deaw : {std::uint64_t{0x1000}, kBit0 | 0x1000}) {
    const std::uint64_t other = deaw ^ kBit0;
    const Dawr unit = with(deaw, kUsual | dawrx::kWti | dawrx::kHrammc);
    EXPECT_TRUE(matches(unit, other, 8, AccessKind::Write, kHypervisorRealMode));
    EXPECT_TRUE(matches(unit, deaw, 8, AccessKind::Write, kHypervisorRealMode));
    EXPECT_FALSE(matches(unit, other + 8, 8, AccessKind::Write, kHypervisorRealMode));
    EXPECT_FALSE(matches(unit, deaw + 8, 8, AccessKind::Write, kHypervisorRealMode));
    for (const Context& context : {Context{.privilege = Privilege::Hypervisor},
                                   Context{.privilege = Privilege::Kernel, .translation = false},
                                   Context{.privilege = Privilege::User, .translation = false}, Context{}}) {
      EXPECT_TRUE(matches(unit, deaw, 8, AccessKind::Write, context));
      EXPECT_FALSE(matches(unit, other, 8, AccessKind::Write, context));
    }
    EXPECT_FALSE(matches(with(deaw, kUsual | dawrx::kWti), other, 8, AccessKind::Write, kHypervisorRealMode));
  }
}

// No other bit is.
TEST(Dawr, HrammcIgnoresBit0Alone) {
  const Dawr unit = with(0x1000, kUsual | dawrx::kWti | dawrx::kHrammc);
  for (unsigned bit = 3; bit < 63; ++bit) {
    const std::uint64_t other = 0x1000 ^ (std::uint64_t{1} << bit);
    EXPECT_FALSE(matches(unit, other, 8, AccessKind::Write, kHypervisorRealMode)) << bit;
  }
}

// Without bit 0, what follows 2^63 - 1 is 0.
TEST(Dawr, WithoutBit0AddressesWrapAt2To63) {
  const std::uint64_t dawrx = kUsual | dawrx::kWti | dawrx::kHrammc;
  const Dawr bottom = with(0, dawrx);
  for (const std::uint64_t last : {kBit0 - 1, kAllOnes}) {
    EXPECT_TRUE(matches(bottom, last, 2, AccessKind::Write, kHypervisorRealMode));
    EXPECT_FALSE(matches(bottom, last, 1, AccessKind::Write, kHypervisorRealMode));
  }
  const Dawr top = with(kAllOnes, dawrx | dawrx::mrd(2), 2);
  for (const std::uint64_t first : {std::uint64_t{0}, kBit0}) {
    EXPECT_TRUE(matches(top, first - 1, 2, AccessKind::Write, kHypervisorRealMode));
    EXPECT_FALSE(matches(top, first, 1, AccessKind::Write, kHypervisorRealMode));
  }
}

// Each of two watchpoints matches by its own registers, and one access can match both.
TEST(Dawr, EverySlotThatMatchesIsReported) {
  Dawr unit(2);
  set(unit, 0, 0x1000, kUsual | dawrx::mrd(2));
  set(unit, 1, 0x1008, dawrx::kDw | dawrx::kWt | privm::kPro);
  EXPECT_EQ(slots_matched(unit, 0x1000, 8), 0b01U);
  EXPECT_EQ(slots_matched(unit, 0x1008, 8), 0b11U);
  EXPECT_EQ(slots_matched(unit, 0x1008, 8, AccessKind::Read), 0b01U);
  EXPECT_EQ(slots_matched(unit, 0x1008, 8, AccessKind::Write, {.privilege = Privilege::Kernel}), 0b01U);
  EXPECT_EQ(slots_matched(unit, 0x1004, 8), 0b11U);
  EXPECT_EQ(slots_matched(unit, 0x1010, 8), 0U);
  EXPECT_THAT(unit.watched(),
              ElementsAre(Watched{0, GuestVa(0x1000), 16, false}, Watched{1, GuestVa(0x1008), 8, false}));
  set(unit, 0, 0x1000, 0);
  EXPECT_EQ(slots_matched(unit, 0x1008, 8), 0b10U);
  EXPECT_THAT(unit.watched(), ElementsAre(Watched{1, GuestVa(0x1008), 8, false}));
}

// Book III, Data Storage interrupt: the access has not been made.
TEST(Dawr, MatchesBeforeTheInstruction) {
  for (const AccessKind kind : {AccessKind::Read, AccessKind::Write}) {
    EXPECT_EQ(with(0x1000, kUsual, 2, 1).match({GuestVa(0x1000), 8, kind}, {}),
              (Match{.slots = 0b10, .timing = Timing::Before}));
  }
}

// Nothing that could match, so nothing to watch: no kind or no privilege.
TEST(Dawr, WatchesNothingUnlessArmed) {
  EXPECT_THAT(with(0x1008, dawrx::kWt | dawrx::kPrivm).watched(), IsEmpty());
  EXPECT_THAT(with(0x1008, dawrx::kWt | dawrx::kDw | dawrx::kDr).watched(), IsEmpty());
  const Watched doubleword{0, GuestVa(0x1008), 8, false};
  EXPECT_THAT(with(0x1008, dawrx::kDw | privm::kHyp).watched(), ElementsAre(doubleword));
  EXPECT_THAT(with(0x1008, dawrx::kDr | privm::kPnh).watched(), ElementsAre(doubleword));
  EXPECT_THAT(with(0x1008, dawrx::kDr | privm::kPro).watched(), ElementsAre(doubleword));
}

// A match shows in DSISR and DAR, a step in SRR1; the registers keep their values.
TEST(Dawr, RecordingChangesNothing) {
  Dawr unit = with(0x1008, kUsual, 2, 1);
  unit.record({.slots = 0b11, .timing = Timing::Before});
  for (const Status status : {Status::SingleStep, Status::GeneralDetect}) unit.record(status);
  unit.enter_handler();
  EXPECT_EQ(unit.read(Register::Dawr1), 0x1008U);
  EXPECT_EQ(unit.read(Register::Dawrx1), kUsual);
  EXPECT_TRUE(matches(unit, 0x1008, 8));
}

}  // namespace
}  // namespace trapline::debugunit::ppc64
