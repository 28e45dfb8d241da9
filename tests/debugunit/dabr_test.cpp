// DABR and DABRX, rule by rule: Power ISA v2.03–2.06, Book III-S, chapter 8, "Data Address Breakpoint".
#include "debugunit/ppc64/dabr.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace trapline::debugunit::ppc64 {
namespace {

using isa::Access;
using isa::AccessKind;
using isa::GuestVa;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();

Dabr with(std::uint64_t dabr, std::uint64_t dabrx) {
  Dabr unit;
  unit.write(Register::Dabr, dabr);
  unit.write(Register::Dabrx, dabrx);
  return unit;
}

bool matches(const Dabr& unit, std::uint64_t address, std::uint32_t size, AccessKind kind = AccessKind::Write,
             const Context& context = {}) {
  return unit.match({GuestVa(address), size, kind}, context).has_value();
}

// The layouts of DABR (DAB 0:60, BT 61, DW 62, DR 63) and DABRX (BTI 60, PRIVM 61:63: HYP, PNH, PRO), counted
// from the left. The values are also what Linux writes and what PTRACE_SET_DEBUGREG passes.
TEST(Dabr, FieldsAreWhereTheManualPutsThem) {
  constexpr auto ibm = [](unsigned bit) { return std::uint64_t{1} << (63 - bit); };
  EXPECT_EQ(dabr::kBt, ibm(61));
  EXPECT_EQ(dabr::kDw, ibm(62));
  EXPECT_EQ(dabr::kDr, ibm(63));
  EXPECT_EQ(dabr::kDab, kAllOnes - 7);
  EXPECT_EQ(dabrx::kBti, ibm(60));
  EXPECT_EQ(dabrx::kHyp, ibm(61));
  EXPECT_EQ(dabrx::kPnh, ibm(62));
  EXPECT_EQ(dabrx::kPro, ibm(63));
}

TEST(Dabr, IsZeroAfterReset) {
  const Dabr unit;
  EXPECT_EQ(unit.slots(), 1U);
  EXPECT_EQ(unit.read(Register::Dabr), 0U);
  EXPECT_EQ(unit.read(Register::Dabrx), 0U);
  EXPECT_THAT(unit.watched(), IsEmpty());
  EXPECT_FALSE(matches(unit, 0, 8));
}

TEST(Dabr, AllOfDabrIsKeptAndFourBitsOfDabrx) {
  const Dabr unit = with(kAllOnes, kAllOnes);
  EXPECT_EQ(unit.read(Register::Dabr), kAllOnes);
  EXPECT_EQ(unit.read(Register::Dabrx), 0xFU);
}

// The interface: registers of other units read 0 and ignore writes.
TEST(Dabr, HasNoOtherRegisters) {
  Dabr unit = with(0x1007, 3);
  for (const Register reg :
       {Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3, Register::Dr6, Register::Dr7,
        Register::Dawr0, Register::Dawrx0, Register::Dawr1, Register::Dawrx1}) {
    unit.write(reg, kAllOnes);
    EXPECT_EQ(unit.read(reg), 0U);
  }
  EXPECT_EQ(unit.read(Register::Dabr), 0x1007U);
  EXPECT_EQ(unit.read(Register::Dabrx), 3U);
}

// DW enables stores, DR loads; a fetch is no data access, and there are no ports.
TEST(Dabr, DwAndDrSelectTheKindsOfAccess) {
  for (const std::uint64_t kinds : {std::uint64_t{0}, dabr::kDr, dabr::kDw, dabr::kDr | dabr::kDw}) {
    SCOPED_TRACE(kinds);
    const Dabr unit = with(0x1000 | dabr::kBt | kinds, dabrx::kPrivm);
    EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Read), (kinds & dabr::kDr) != 0);
    EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Write), (kinds & dabr::kDw) != 0);
    EXPECT_FALSE(matches(unit, 0x1000, 4, AccessKind::Execute));
    EXPECT_FALSE(matches(unit, 0x1000, 4, AccessKind::Io));
  }
}

// DABRX.PRIVM: PRO problem state, PNH privileged but not hypervisor, HYP hypervisor state; any mix of them.
TEST(Dabr, PrivmSelectsTheStatesThatMatch) {
  for (std::uint64_t privm = 0; privm <= dabrx::kPrivm; ++privm) {
    SCOPED_TRACE(privm);
    const Dabr unit = with(0x1000 | dabr::kBt | dabr::kDw, privm);
    const auto matches_in = [&unit](Privilege privilege) {
      return matches(unit, 0x1000, 8, AccessKind::Write, {.privilege = privilege});
    };
    EXPECT_EQ(matches_in(Privilege::User), (privm & dabrx::kPro) != 0);
    EXPECT_EQ(matches_in(Privilege::Kernel), (privm & dabrx::kPnh) != 0);
    EXPECT_EQ(matches_in(Privilege::Hypervisor), (privm & dabrx::kHyp) != 0);
  }
}

// BT has to equal MSR[DR], unless DABRX.BTI says to ignore it.
TEST(Dabr, TranslationHasToMatchUnlessIgnored) {
  for (const bool translation : {false, true}) {
    for (const bool bt : {false, true}) {
      for (const bool bti : {false, true}) {
        SCOPED_TRACE(testing::Message() << "MSR[DR] " << translation << " BT " << bt << " BTI " << bti);
        const Dabr unit =
            with(0x1000 | (bt ? dabr::kBt : 0) | dabr::kDw, dabrx::kPro | (bti ? dabrx::kBti : 0));
        EXPECT_EQ(matches(unit, 0x1000, 8, AccessKind::Write, {.translation = translation}),
                  bti || bt == translation);
      }
    }
  }
}

// The order of the two writes does not matter: a kernel writes DABRX once and DABR at each switch, or both.
TEST(Dabr, EitherRegisterMayBeWrittenLast) {
  Dabr unit;
  unit.write(Register::Dabrx, dabrx::kPnh | dabrx::kPro);
  unit.write(Register::Dabr, 0x1000 | dabr::kBt | dabr::kDw);
  EXPECT_TRUE(matches(unit, 0x1000, 8));
  unit.write(Register::Dabr, 0x2000 | dabr::kBt | dabr::kDw);
  EXPECT_FALSE(matches(unit, 0x1000, 8));
  EXPECT_TRUE(matches(unit, 0x2000, 8));
  unit.write(Register::Dabrx, 0);
  EXPECT_FALSE(matches(unit, 0x2000, 8));
}

// A write replaces all that the register said before; 0 disarms, as a kernel does at a switch to another
// task.
TEST(Dabr, AWriteLeavesNothingOfTheFormerValue) {
  Dabr unit = with(0x1000 | dabr::kBt | dabr::kDw | dabr::kDr, dabrx::kPro);
  unit.write(Register::Dabr, 0x1000 | dabr::kBt | dabr::kDr);
  EXPECT_FALSE(matches(unit, 0x1000, 8, AccessKind::Write));
  EXPECT_TRUE(matches(unit, 0x1000, 8, AccessKind::Read));
  unit.write(Register::Dabr, 0);
  EXPECT_FALSE(matches(unit, 0, 8, AccessKind::Read));
  EXPECT_THAT(unit.watched(), IsEmpty());
}

struct SpanCase {
  std::uint64_t address;
  std::uint32_t size;
  bool expected;
};

// Any byte of the access in the doubleword at DAB: 0x1008 here.
constexpr SpanCase kSpanCases[] = {
    {0x1008, 8, true},         {0x1008, 1, true},
    {0x100F, 1, true},                              // stray bytes of the doubleword match, too
    {0x1007, 1, false},        {0x1010, 1, false},  // neighbours
    {0x1000, 8, false},        {0x1010, 8, false},  //
    {0x1001, 8, true},         {0x1004, 4, false},
    {0x1005, 4, true},                               // not aligned, across its start
    {0x100E, 4, true},                               // across its end
    {0x1000, 16, true},        {0x0FF8, 16, false},  // VSX
    {0x0FC9, 64, true},        {0x0FC8, 64, false},  // load and store multiple
    {0x1008, 0, false},        {0x100C, 0, false},   // lswx with a count of 0 has no byte
    {0x1'0000'1008, 8, false},                       // all 61 bits of DAB count
};

TEST(Dabr, MatchesWhenAByteLiesInTheDoubleword) {
  const Dabr unit = with(0x1008 | dabr::kBt | dabr::kDw, dabrx::kPro);
  for (const SpanCase& c : kSpanCases) {
    SCOPED_TRACE(testing::Message() << std::hex << c.address << "+" << c.size);
    EXPECT_EQ(matches(unit, c.address, c.size), c.expected);
  }
}

// Power ISA Book I, "Effective Address Calculation": effective addresses wrap from 2^64 - 1 to 0.
TEST(Dabr, AccessesWrapAtTheTopOfTheAddressSpace) {
  const Dabr bottom = with(0 | dabr::kBt | dabr::kDw, dabrx::kPro);
  EXPECT_TRUE(matches(bottom, kAllOnes, 2));
  EXPECT_FALSE(matches(bottom, kAllOnes, 1));
  const Dabr top = with(dabr::kDab | dabr::kBt | dabr::kDw, dabrx::kPro);
  EXPECT_TRUE(matches(top, kAllOnes, 64));
  EXPECT_FALSE(matches(top, 0, 64));
}

// Book III-S chapter 6, Data Storage interrupt: the access has not been made.
TEST(Dabr, MatchesBeforeTheInstruction) {
  const Dabr unit = with(0x1000 | dabr::kBt | dabr::kDw | dabr::kDr, dabrx::kPro);
  for (const AccessKind kind : {AccessKind::Read, AccessKind::Write}) {
    EXPECT_EQ(unit.match({GuestVa(0x1000), 8, kind}, {}), (Match{.slots = 1, .timing = Timing::Before}));
  }
}

TEST(Dabr, WatchesTheDoubleword) {
  EXPECT_THAT(with(0x1008 | dabr::kBt | dabr::kDr, dabrx::kPro).watched(),
              ElementsAre(Watched{0, GuestVa(0x1008), 8, false}));
  EXPECT_THAT(with(0x1008 | dabr::kDw, dabrx::kHyp | dabrx::kBti).watched(),
              ElementsAre(Watched{0, GuestVa(0x1008), 8, false}));
}

// Armed for MSR[DR] = 0 as well: which accesses come without translation is not the unit's to know.
TEST(Dabr, WatchesWithoutTranslation) {
  EXPECT_THAT(with(0x1008 | dabr::kDw, dabrx::kPrivm).watched(),
              ElementsAre(Watched{0, GuestVa(0x1008), 8, false}));
}

// Nothing that could match, so nothing to watch: no kind or no privilege.
TEST(Dabr, WatchesNothingUnlessArmed) {
  EXPECT_THAT(with(0x1008 | dabr::kBt, dabrx::kPrivm).watched(), IsEmpty());
  EXPECT_THAT(with(0x1008 | dabr::kBt | dabr::kDw, 0).watched(), IsEmpty());
  EXPECT_THAT(with(0x1008 | dabr::kBt | dabr::kDw, dabrx::kBti).watched(), IsEmpty());
}

// A match shows in DSISR and DAR, a step in SRR1; DABR and DABRX keep their values.
TEST(Dabr, RecordingChangesNothing) {
  Dabr unit = with(0x1008 | dabr::kBt | dabr::kDw, dabrx::kPro);
  unit.record({.slots = 1, .timing = Timing::Before});
  for (const Status status : {Status::SingleStep, Status::GeneralDetect}) unit.record(status);
  unit.enter_handler();
  EXPECT_EQ(unit.read(Register::Dabr), 0x1008 | dabr::kBt | dabr::kDw);
  EXPECT_EQ(unit.read(Register::Dabrx), dabrx::kPro);
  EXPECT_TRUE(matches(unit, 0x1008, 8));
}

}  // namespace
}  // namespace trapline::debugunit::ppc64
