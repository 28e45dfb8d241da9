// DR0–DR3, DR6 and DR7, rule by rule. Section numbers are those of the Intel SDM vol. 3B.
#include "debugunit/x86/debug_registers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace trapline::debugunit::x86 {
namespace {

using dr7::Len;
using dr7::Rw;
using isa::Access;
using isa::AccessKind;
using isa::GuestVa;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
constexpr Register kAddressRegisters[] = {Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};

constexpr Access read_of(std::uint64_t address, std::uint32_t size) {
  return {GuestVa(address), size, AccessKind::Read};
}
constexpr Access write_of(std::uint64_t address, std::uint32_t size) {
  return {GuestVa(address), size, AccessKind::Write};
}
constexpr Access io_of(std::uint64_t port, std::uint32_t size) {
  return {GuestVa(port), size, AccessKind::Io};
}
constexpr Access execute_at(std::uint64_t address, std::uint32_t size = 1) {
  return {GuestVa(address), size, AccessKind::Execute};
}

// One breakpoint in slot n, enabled globally.
DebugRegisters with(unsigned n, std::uint64_t address, Rw rw, Len len) {
  DebugRegisters unit;
  unit.write(kAddressRegisters[n], address);
  unit.write(Register::Dr7, dr7::g(n) | dr7::rw(n, rw) | dr7::len(n, len));
  return unit;
}

bool matches(const DebugRegisters& unit, const Access& access, const Context& context = {}) {
  return unit.match(access, context).has_value();
}

std::uint32_t slots_matched(const DebugRegisters& unit, const Access& access) {
  const auto found = unit.match(access, {});
  return found ? found->slots : 0;
}

// 17.2.4, figure 18-1: where the fields are. Written out, so that a wrong shift shows.
TEST(DebugRegisters, Dr7FieldsAreWhereTheManualPutsThem) {
  EXPECT_EQ(dr7::l(0), 1U << 0);
  EXPECT_EQ(dr7::g(0), 1U << 1);
  EXPECT_EQ(dr7::l(3), 1U << 6);
  EXPECT_EQ(dr7::g(3), 1U << 7);
  EXPECT_EQ(dr7::kLe, 1U << 8);
  EXPECT_EQ(dr7::kGe, 1U << 9);
  EXPECT_EQ(dr7::kGd, 1U << 13);
  EXPECT_EQ(dr7::rw(0, Rw::ReadWrite), 3U << 16);
  EXPECT_EQ(dr7::len(0, Len::Four), 3U << 18);
  EXPECT_EQ(dr7::rw(1, Rw::Write), 1U << 20);
  EXPECT_EQ(dr7::len(1, Len::Two), 1U << 22);
  EXPECT_EQ(dr7::rw(2, Rw::Io), 2U << 24);
  EXPECT_EQ(dr7::len(2, Len::Eight), 2U << 26);
  EXPECT_EQ(dr7::rw(3, Rw::Write), 1U << 28);
  EXPECT_EQ(dr7::len(3, Len::Four), 3U << 30);
}

// 17.2.4: LEN 00 = 1, 01 = 2, 10 = 8, 11 = 4 bytes.
TEST(DebugRegisters, LenInBytes) {
  EXPECT_EQ(dr7::bytes(Len{0b00}), 1U);
  EXPECT_EQ(dr7::bytes(Len{0b01}), 2U);
  EXPECT_EQ(dr7::bytes(Len{0b10}), 8U);
  EXPECT_EQ(dr7::bytes(Len{0b11}), 4U);
}

// SDM vol. 3A, "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT".
TEST(DebugRegisters, ResetValues) {
  const DebugRegisters unit;
  for (const Register reg : kAddressRegisters) EXPECT_EQ(unit.read(reg), 0U);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
  EXPECT_EQ(unit.read(Register::Dr7), 0x400U);
  EXPECT_THAT(unit.watched(), IsEmpty());
  EXPECT_FALSE(matches(unit, execute_at(0)));
  EXPECT_FALSE(matches(unit, write_of(0, 8)));
}

struct ReadBack {
  Register reg;
  std::uint64_t written;
  std::uint64_t expected;
};

// Figure 18-1 and figure 18-2: reserved bits keep their fixed value, the upper half of DR6 and DR7 is
// 0. 17.2.6: DR0–DR3 take all 64 bits, canonical or not.
constexpr ReadBack kReadBacks[] = {
    {Register::Dr0, kAllOnes, kAllOnes},    {Register::Dr3, 0x8000'0000'0000'0001, 0x8000'0000'0000'0001},
    {Register::Dr6, 0, 0xFFFF0FF0},         {Register::Dr6, kAllOnes, 0xFFFFEFFF},
    {Register::Dr6, dr6::kBd, 0xFFFF2FF0},  {Register::Dr6, dr6::kBs, 0xFFFF4FF0},
    {Register::Dr6, dr6::kBt, 0xFFFF8FF0},  {Register::Dr6, dr6::b(0), 0xFFFF0FF1},
    {Register::Dr6, dr6::b(3), 0xFFFF0FF8}, {Register::Dr7, 0, 0x400},
    {Register::Dr7, kAllOnes, 0xFFFF27FF},  {Register::Dr7, dr7::kLe | dr7::kGe, 0x700},
    {Register::Dr7, dr7::kGd, 0x2400},
};

TEST(DebugRegisters, ReservedBitsReadAsFixed) {
  for (const ReadBack& c : kReadBacks) {
    SCOPED_TRACE(testing::Message() << name(c.reg) << " = " << std::hex << c.written);
    DebugRegisters unit;
    unit.write(c.reg, c.written);
    EXPECT_EQ(unit.read(c.reg), c.expected);
  }
}

struct FeatureReadBack {
  Features features;
  Register reg;
  std::uint64_t written;
  std::uint64_t expected;
};

constexpr Features kRtmOnly{.rtm = true};
constexpr Features kBusLockOnly{.bus_lock = true};
constexpr Features kBoth{.rtm = true, .bus_lock = true};

// 17.2.3: DR6.BLD (11) and DR6.RTM (16) are 1 where the processor has not the feature, and can be written
// where it has. 17.2.4: DR7.RTM (11) can be written with the feature and is 0 without.
constexpr FeatureReadBack kFeatureReadBacks[] = {
    {kRtmOnly, Register::Dr6, 0, 0xFFFE0FF0},
    {kRtmOnly, Register::Dr6, ~(std::uint64_t{1} << 11), 0xFFFFEFFF},
    {kRtmOnly, Register::Dr6, kAllOnes, 0xFFFFEFFF},
    {kRtmOnly, Register::Dr6, 0x10000, 0xFFFF0FF0},
    {kRtmOnly, Register::Dr7, 0, 0x400},
    {kRtmOnly, Register::Dr7, 0x800, 0xC00},
    {kRtmOnly, Register::Dr7, kAllOnes, 0xFFFF2FFF},
    {kBusLockOnly, Register::Dr6, 0, 0xFFFF07F0},
    {kBusLockOnly, Register::Dr6, kAllOnes, 0xFFFFEFFF},
    {kBusLockOnly, Register::Dr6, 0x800, 0xFFFF0FF0},
    {kBusLockOnly, Register::Dr7, 0x800, 0x400},
    {kBusLockOnly, Register::Dr7, kAllOnes, 0xFFFF27FF},
    {kBoth, Register::Dr6, 0, 0xFFFE07F0},
    {kBoth, Register::Dr6, kAllOnes, 0xFFFFEFFF},
    {kBoth, Register::Dr7, kAllOnes, 0xFFFF2FFF},
};

TEST(DebugRegisters, FeaturesFreeTheirBits) {
  for (const FeatureReadBack& c : kFeatureReadBacks) {
    SCOPED_TRACE(testing::Message() << "rtm " << c.features.rtm << " bus_lock " << c.features.bus_lock << ", "
                                    << name(c.reg) << " = " << std::hex << c.written);
    DebugRegisters unit(c.features);
    unit.write(c.reg, c.written);
    EXPECT_EQ(unit.read(c.reg), c.expected);
  }
}

// SDM vol. 3A: the features do not show in the state after reset, where BLD and RTM are 1, and DR7.RTM 0.
TEST(DebugRegisters, FeaturesDoNotShowAfterReset) {
  const DebugRegisters unit(kBoth);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
  EXPECT_EQ(unit.read(Register::Dr7), 0x400U);
}

struct StatusRule {
  Features features;
  Status status;
  std::uint64_t dr6;  // after it, from the value after reset
};

// 17.2.3.
constexpr StatusRule kStatusRules[] = {
    {{}, Status::SingleStep, 0xFFFF4FF0},
    {{}, Status::GeneralDetect, 0xFFFF2FF0},
    {kBoth, Status::SingleStep, 0xFFFF4FF0},
    {kBoth, Status::GeneralDetect, 0xFFFF2FF0},
};

TEST(DebugRegisters, EachStatusHasItsBit) {
  for (const StatusRule& rule : kStatusRules) {
    SCOPED_TRACE(testing::Message() << "rtm " << rule.features.rtm << " bus_lock " << rule.features.bus_lock
                                    << ", status " << static_cast<int>(rule.status));
    DebugRegisters unit(rule.features);
    unit.record(rule.status);
    EXPECT_EQ(unit.read(Register::Dr6), rule.dr6);
    unit.record(rule.status);
    EXPECT_EQ(unit.read(Register::Dr6), rule.dr6);
    EXPECT_EQ(unit.read(Register::Dr7), 0x400U);
  }
}

// 17.2.4: the processor clears GD upon entering the handler, and nothing else.
TEST(DebugRegisters, EnteringTheHandlerClearsGd) {
  DebugRegisters unit(kBoth);
  unit.write(Register::Dr0, 0x1000);
  unit.write(Register::Dr6, kAllOnes);
  unit.write(Register::Dr7, kAllOnes);
  unit.enter_handler();
  EXPECT_EQ(unit.read(Register::Dr7), 0xFFFF0FFFU);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFFEFFFU);
  EXPECT_EQ(unit.read(Register::Dr0), 0x1000U);
  unit.enter_handler();
  EXPECT_EQ(unit.read(Register::Dr7), 0xFFFF0FFFU);
}

TEST(DebugRegisters, AddressRegistersAreApart) {
  DebugRegisters unit;
  for (unsigned n = 0; n < kSlots; ++n) unit.write(kAddressRegisters[n], 0x1000 + n);
  for (unsigned n = 0; n < kSlots; ++n) EXPECT_EQ(unit.read(kAddressRegisters[n]), 0x1000 + n);
}

// The interface: registers of other units read 0 and ignore writes.
TEST(DebugRegisters, HasNoPpc64Registers) {
  DebugRegisters unit = with(0, 0x1000, Rw::Write, Len::One);
  for (const Register reg : {Register::Dabr, Register::Dabrx, Register::Dawr0, Register::Dawrx0,
                             Register::Dawr1, Register::Dawrx1}) {
    unit.write(reg, kAllOnes);
    EXPECT_EQ(unit.read(reg), 0U);
  }
  EXPECT_EQ(unit.read(Register::Dr7), 0x400 | dr7::g(0) | dr7::rw(0, Rw::Write));
  EXPECT_EQ(unit.read(Register::Dr0), 0x1000U);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
}

// 17.2.4: a breakpoint is enabled by Ln, by Gn, or both, each slot by its own.
TEST(DebugRegisters, ArmedByLocalOrGlobalEnable) {
  for (unsigned n = 0; n < kSlots; ++n) {
    DebugRegisters unit;
    for (const Register reg : kAddressRegisters) unit.write(reg, 0x1000);
    std::uint64_t fields = 0;
    for (unsigned i = 0; i < kSlots; ++i) fields |= dr7::rw(i, Rw::Write) | dr7::len(i, Len::Four);
    for (const std::uint64_t enable : {dr7::l(n), dr7::g(n), dr7::l(n) | dr7::g(n)}) {
      unit.write(Register::Dr7, fields | enable);
      EXPECT_EQ(slots_matched(unit, write_of(0x1000, 4)), 1U << n);
    }
    unit.write(Register::Dr7, fields | dr7::kLe | dr7::kGe);
    EXPECT_FALSE(matches(unit, write_of(0x1000, 4)));
  }
}

// Moving the address re-aims an armed breakpoint, as a debugger does that writes DR7 first.
TEST(DebugRegisters, AddressWrittenAfterDr7Counts) {
  DebugRegisters unit = with(2, 0x1000, Rw::Write, Len::Four);
  unit.write(Register::Dr2, 0x2000);
  EXPECT_FALSE(matches(unit, write_of(0x1000, 4)));
  EXPECT_TRUE(matches(unit, write_of(0x2000, 4)));
}

// A write of DR7 replaces all fields; clearing it disarms every slot, whatever the addresses.
TEST(DebugRegisters, ClearingDr7Disarms) {
  DebugRegisters unit = with(2, 0x1000, Rw::ReadWrite, Len::Four);
  unit.write(Register::Dr7, dr7::l(2) | dr7::rw(2, Rw::Write) | dr7::len(2, Len::Four));
  EXPECT_FALSE(matches(unit, read_of(0x1000, 4)));
  unit.write(Register::Dr7, 0);
  EXPECT_FALSE(matches(unit, write_of(0x1000, 4)));
  EXPECT_THAT(unit.watched(), IsEmpty());
}

struct KindRule {
  Rw rw;
  bool read;
  bool write;
  bool execute;
  bool io;
};

// 17.2.4, R/W0–R/W3. I/O breakpoints (10) compare ports, not memory, and data breakpoints no ports.
constexpr KindRule kKindRules[] = {
    {Rw::Execute, false, false, true, false},
    {Rw::Write, false, true, false, false},
    {Rw::Io, false, false, false, true},
    {Rw::ReadWrite, true, true, false, false},
};

TEST(DebugRegisters, RwSelectsTheKindsOfAccess) {
  for (const KindRule& rule : kKindRules) {
    for (unsigned n = 0; n < kSlots; ++n) {
      SCOPED_TRACE(testing::Message() << "R/W" << n << " = " << static_cast<int>(rule.rw));
      const DebugRegisters unit = with(n, 0x1000, rule.rw, Len::One);
      EXPECT_EQ(matches(unit, read_of(0x1000, 1)), rule.read);
      EXPECT_EQ(matches(unit, write_of(0x1000, 1)), rule.write);
      EXPECT_EQ(matches(unit, execute_at(0x1000)), rule.execute);
      EXPECT_EQ(matches(unit, io_of(0x1000, 1)), rule.io);
    }
  }
}

// 17.3.1.1: an instruction breakpoint is a fault. 17.3.1.2: a data breakpoint is a trap.
TEST(DebugRegisters, InstructionBreakpointsFaultAndDataBreakpointsTrap) {
  EXPECT_EQ(with(1, 0x1000, Rw::Execute, Len::One).match(execute_at(0x1000), {}),
            (Match{.slots = 0b10, .timing = Timing::Before}));
  EXPECT_EQ(with(1, 0x1000, Rw::Write, Len::One).match(write_of(0x1000, 1), {}),
            (Match{.slots = 0b10, .timing = Timing::After}));
  EXPECT_EQ(with(1, 0x1000, Rw::ReadWrite, Len::One).match(read_of(0x1000, 1), {}),
            (Match{.slots = 0b10, .timing = Timing::After}));
}

// 17.2.4: R/W = 10 breaks on I/O with CR4.DE set, and is undefined without: here it matches nothing then.
// CR4.DE has no part in the other conditions.
TEST(DebugRegisters, IoBreakpointsNeedDebugExtensions) {
  const Context without{.debug_extensions = false};
  EXPECT_FALSE(matches(with(0, 0x60, Rw::Io, Len::One), io_of(0x60, 1), without));
  EXPECT_FALSE(matches(with(0, 0x60, Rw::Io, Len::One), read_of(0x60, 1), without));
  EXPECT_FALSE(matches(with(0, 0x60, Rw::Io, Len::One), write_of(0x60, 1), without));
  EXPECT_FALSE(matches(with(0, 0x60, Rw::Io, Len::One), execute_at(0x60), without));
  EXPECT_TRUE(matches(with(0, 0x60, Rw::Write, Len::One), write_of(0x60, 1), without));
  EXPECT_TRUE(matches(with(0, 0x60, Rw::ReadWrite, Len::One), read_of(0x60, 1), without));
  EXPECT_TRUE(matches(with(0, 0x60, Rw::Execute, Len::One), execute_at(0x60), without));
}

// 17.3.1.3: an I/O breakpoint is a trap.
TEST(DebugRegisters, IoBreakpointsTrap) {
  EXPECT_EQ(with(2, 0x3F8, Rw::Io, Len::Eight).match(io_of(0x3FD, 1), {}),
            (Match{.slots = 0b100, .timing = Timing::After}));
}

struct PortCase {
  Len len;
  std::uint64_t address;  // in DRn
  std::uint64_t port;
  std::uint32_t size;
  bool expected;
};

// 17.2.5: LENn masks the low bits of a port's number as it does those of an address; the number, of 16 bits,
// is compared with all of DRn.
constexpr PortCase kPortCases[] = {
    {Len::One, 0x60, 0x60, 1, true},      {Len::One, 0x60, 0x5F, 1, false},
    {Len::One, 0x60, 0x61, 1, false},     {Len::One, 0x60, 0x5F, 2, true},  // a word from 0x5F
    {Len::One, 0x60, 0x5D, 4, true},      {Len::One, 0x60, 0x5C, 4, false},
    {Len::Two, 0x61, 0x60, 1, true},      {Len::Two, 0x61, 0x62, 1, false},
    {Len::Two, 0x61, 0x5F, 1, false},     {Len::Four, 0xCFA, 0xCF8, 1, true},
    {Len::Four, 0xCFA, 0xCFB, 1, true},   {Len::Four, 0xCFA, 0xCFC, 4, false},
    {Len::Four, 0xCFA, 0xCF4, 4, false},  {Len::Eight, 0x3FD, 0x3F8, 1, true},
    {Len::Eight, 0x3FD, 0x3FF, 1, true},  {Len::Eight, 0x3FD, 0x400, 1, false},
    {Len::Eight, 0x3FD, 0x3F7, 1, false}, {Len::One, 0xFFFF, 0xFFFF, 1, true},
    {Len::One, 0x1'0060, 0x60, 1, false}, {Len::One, 0x1'0000'0060, 0x60, 1, false},
};

TEST(DebugRegisters, IoBreakpointsComparePorts) {
  for (const PortCase& c : kPortCases) {
    SCOPED_TRACE(testing::Message() << "LEN = " << static_cast<int>(c.len) << " at " << std::hex << c.address
                                    << ", port " << c.port << "+" << c.size);
    for (unsigned n = 0; n < kSlots; ++n) {
      EXPECT_EQ(slots_matched(with(n, c.address, Rw::Io, c.len), io_of(c.port, c.size)),
                c.expected ? 1U << n : 0);
    }
  }
}

// Only memory is watched; an I/O breakpoint leaves that of the other slots alone.
TEST(DebugRegisters, IoBreakpointsAreNotWatched) {
  for (const Len len : {Len::One, Len::Two, Len::Four, Len::Eight}) {
    EXPECT_THAT(with(1, 0x60, Rw::Io, len).watched(), IsEmpty());
  }
}

struct LenRule {
  Len len;
  std::uint64_t address;  // in DRn
  std::uint64_t first;    // of the span watched
  std::uint64_t size;
};

// 17.2.5: LENn masks the low bits of the address: 2 bytes bit 0, 4 bytes bits 0–1, 8 bytes bits 0–2.
constexpr LenRule kLenRules[] = {
    {Len::One, 0x1000, 0x1000, 1},           {Len::One, 0x1007, 0x1007, 1},   {Len::Two, 0x1000, 0x1000, 2},
    {Len::Two, 0x1003, 0x1002, 2},           {Len::Four, 0x1004, 0x1004, 4},  {Len::Four, 0x1003, 0x1000, 4},
    {Len::Eight, 0x1008, 0x1008, 8},         {Len::Eight, 0x100F, 0x1008, 8}, {Len::Eight, 0x1001, 0x1000, 8},
    {Len::Eight, kAllOnes, kAllOnes - 7, 8},
};

TEST(DebugRegisters, LenMasksTheAddressOfADataBreakpoint) {
  for (const LenRule& rule : kLenRules) {
    SCOPED_TRACE(testing::Message() << "LEN = " << static_cast<int>(rule.len) << " at " << std::hex
                                    << rule.address);
    const DebugRegisters unit = with(0, rule.address, Rw::ReadWrite, rule.len);
    const std::uint64_t last = rule.first + rule.size - 1;
    EXPECT_FALSE(matches(unit, write_of(rule.first - 1, 1)));
    EXPECT_TRUE(matches(unit, write_of(rule.first, 1)));
    EXPECT_TRUE(matches(unit, write_of(last, 1)));
    EXPECT_FALSE(matches(unit, write_of(last + 1, 1)));
    EXPECT_THAT(unit.watched(),
                ElementsAre(Watched{0, GuestVa(rule.first), static_cast<std::uint32_t>(rule.size), false}));
  }
}

struct Example {
  AccessKind kind;
  std::uint64_t address;
  std::uint32_t size;
  std::uint32_t slots;  // by the setup below; 0 for "data operations that do not trap"
};

// Table 18-1, "Breakpoint Examples" (table 16-1 in 2009): the manual's list, with "read or write" as two
// rows.
constexpr Example kExamples[] = {
    {AccessKind::Read, 0xA0001, 1, 0b0001},
    {AccessKind::Write, 0xA0001, 1, 0b0001},
    {AccessKind::Read, 0xA0001, 2, 0b0001},
    {AccessKind::Write, 0xA0001, 2, 0b0011},
    {AccessKind::Write, 0xA0002, 1, 0b0010},
    {AccessKind::Write, 0xA0002, 2, 0b0010},
    {AccessKind::Read, 0xB0001, 4, 0b0100},
    {AccessKind::Write, 0xB0001, 4, 0b0100},
    {AccessKind::Read, 0xB0002, 1, 0b0100},
    {AccessKind::Write, 0xB0002, 1, 0b0100},
    {AccessKind::Read, 0xB0002, 2, 0b0100},
    {AccessKind::Write, 0xB0002, 2, 0b0100},
    {AccessKind::Write, 0xC0000, 4, 0b1000},
    {AccessKind::Write, 0xC0001, 2, 0b1000},
    {AccessKind::Write, 0xC0003, 1, 0b1000},
    // and those that do not trap
    {AccessKind::Read, 0xA0000, 1, 0},
    {AccessKind::Write, 0xA0000, 1, 0},
    {AccessKind::Read, 0xA0002, 1, 0},
    {AccessKind::Read, 0xA0003, 4, 0},
    {AccessKind::Write, 0xA0003, 4, 0},
    {AccessKind::Read, 0xB0000, 2, 0},
    {AccessKind::Write, 0xB0000, 2, 0},
    {AccessKind::Read, 0xC0000, 2, 0},
    {AccessKind::Read, 0xC0004, 4, 0},
    {AccessKind::Write, 0xC0004, 4, 0},
};

TEST(DebugRegisters, TheManualsBreakpointExamples) {
  DebugRegisters unit;
  unit.write(Register::Dr0, 0xA0001);
  unit.write(Register::Dr1, 0xA0002);
  unit.write(Register::Dr2, 0xB0002);
  unit.write(Register::Dr3, 0xC0000);
  unit.write(Register::Dr7, dr7::l(0) | dr7::rw(0, Rw::ReadWrite) | dr7::len(0, Len::One) |      //
                                dr7::l(1) | dr7::rw(1, Rw::Write) | dr7::len(1, Len::One) |      //
                                dr7::l(2) | dr7::rw(2, Rw::ReadWrite) | dr7::len(2, Len::Two) |  //
                                dr7::l(3) | dr7::rw(3, Rw::Write) | dr7::len(3, Len::Four));
  for (const Example& example : kExamples) {
    SCOPED_TRACE(testing::Message() << std::hex << example.address << "+" << example.size << " kind "
                                    << static_cast<int>(example.kind));
    EXPECT_EQ(slots_matched(unit, {GuestVa(example.address), example.size, example.kind}), example.slots);
  }
}

// 17.2.5: an instruction breakpoint is recognised only if it points to the first byte of the instruction.
TEST(DebugRegisters, InstructionBreakpointMatchesTheFirstByteOnly) {
  const DebugRegisters unit = with(0, 0x1001, Rw::Execute, Len::One);
  EXPECT_TRUE(matches(unit, execute_at(0x1001, 15)));
  EXPECT_TRUE(matches(unit, execute_at(0x1001, 0)));  // the length of a fetch does not matter
  EXPECT_FALSE(matches(unit, execute_at(0x1000, 15)));
  EXPECT_FALSE(matches(unit, execute_at(0x1002, 15)));
  EXPECT_FALSE(matches(unit, execute_at(0x1001 + (std::uint64_t{1} << 32))));
  EXPECT_THAT(unit.watched(), ElementsAre(Watched{0, GuestVa(0x1001), 1, true}));
}

// 17.2.4: with R/W = 00 the LEN should be 00, and others are undefined. As in QEMU, LEN is ignored.
TEST(DebugRegisters, InstructionBreakpointIgnoresLen) {
  for (const Len len : {Len::One, Len::Two, Len::Four, Len::Eight}) {
    const DebugRegisters unit = with(3, 0x1007, Rw::Execute, len);
    EXPECT_TRUE(matches(unit, execute_at(0x1007)));
    EXPECT_FALSE(matches(unit, execute_at(0x1000)));
    EXPECT_FALSE(matches(unit, execute_at(0x1006)));
    EXPECT_FALSE(matches(unit, execute_at(0x1008)));
    EXPECT_THAT(unit.watched(), ElementsAre(Watched{3, GuestVa(0x1007), 1, true}));
  }
}

// 17.2.3: each condition met sets its own bit, so all matching slots are reported, and none that is not
// enabled.
TEST(DebugRegisters, ReportsEveryEnabledSlotThatMatches) {
  DebugRegisters unit;
  for (const Register reg : kAddressRegisters) unit.write(reg, 0x1000);
  unit.write(Register::Dr7, dr7::l(0) | dr7::rw(0, Rw::Write) | dr7::rw(1, Rw::Write) |  // slot 1 not enabled
                                dr7::g(2) | dr7::rw(2, Rw::Execute) |                    //
                                dr7::g(3) | dr7::rw(3, Rw::ReadWrite));
  EXPECT_EQ(slots_matched(unit, write_of(0x1000, 8)), 0b1001U);
  EXPECT_EQ(slots_matched(unit, read_of(0x1000, 8)), 0b1000U);
  EXPECT_EQ(slots_matched(unit, execute_at(0x1000)), 0b0100U);
}

// DR7 has no privilege filter: a debugger's breakpoint stops user and kernel alike.
TEST(DebugRegisters, AnyPrivilegeMatches) {
  const DebugRegisters unit = with(0, 0x1000, Rw::Write, Len::One);
  for (const Privilege privilege : {Privilege::User, Privilege::Kernel, Privilege::Hypervisor}) {
    EXPECT_TRUE(matches(unit, write_of(0x1000, 1), {.privilege = privilege}));
  }
}

// SDM vol. 1, "Address Calculations in 64-Bit Mode": an access at the top reaches the bottom.
TEST(DebugRegisters, AccessesWrapAtTheTopOfTheAddressSpace) {
  const DebugRegisters bottom = with(0, 0, Rw::Write, Len::Eight);
  EXPECT_TRUE(matches(bottom, write_of(kAllOnes, 2)));
  EXPECT_FALSE(matches(bottom, write_of(kAllOnes, 1)));
  const DebugRegisters top = with(0, kAllOnes, Rw::Write, Len::Eight);
  EXPECT_TRUE(matches(top, write_of(kAllOnes, 16)));
  EXPECT_FALSE(matches(top, write_of(0, 64)));
}

TEST(DebugRegisters, AnAccessOfNoBytesMatchesNothing) {
  EXPECT_FALSE(matches(with(0, 0x1000, Rw::Write, Len::Eight), write_of(0x1004, 0)));
}

TEST(DebugRegisters, WatchedListsArmedSpansInSlotOrder) {
  DebugRegisters unit;
  unit.write(Register::Dr0, 0x4005);
  unit.write(Register::Dr1, 0x3000);
  unit.write(Register::Dr2, 0x2000);
  unit.write(Register::Dr3, 0x1001);
  unit.write(Register::Dr7, dr7::l(0) | dr7::rw(0, Rw::Write) | dr7::len(0, Len::Four) |  //
                                dr7::l(1) | dr7::rw(1, Rw::Io) |                          // never on memory
                                dr7::rw(2, Rw::Write) |                                   // not enabled
                                dr7::g(3) | dr7::rw(3, Rw::Execute));
  EXPECT_THAT(unit.watched(),
              ElementsAre(Watched{0, GuestVa(0x4004), 4, false}, Watched{3, GuestVa(0x1001), 1, true}));
}

// 17.2.3: certain debug exceptions may clear B0–B3; here each leaves those of its own match. The other bits
// stay until the debug handler clears them.
TEST(DebugRegisters, RecordReplacesB0ToB3) {
  DebugRegisters unit;
  unit.record({.slots = 0b0010, .timing = Timing::After});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF2U);
  unit.record({.slots = 0b1001, .timing = Timing::Before});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF9U);
  unit.record(Status::SingleStep);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF4FF9U);
  unit.record({.slots = 0b0100, .timing = Timing::After});
  unit.record(Status::GeneralDetect);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF6FF4U);
  unit.record(Match{});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF6FF0U);
  unit.write(Register::Dr6, 0);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
}

// 17.2.3: RTM is 0 after an exception in a transactional region, and 1 after any other: there are none here.
// BLD stays as it is.
TEST(DebugRegisters, RecordSetsRtm) {
  DebugRegisters unit(kBoth);
  unit.write(Register::Dr6, 0);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFE07F0U);
  unit.record(Match{});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF07F0U);
}

// 17.2.3: no other exception than a bus lock's sets or clears BLD.
TEST(DebugRegisters, BldIsSticky) {
  DebugRegisters unit(kBoth);
  unit.write(Register::Dr6, 0xFFFF07F0);
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF07F0U);
  unit.record({.slots = 1, .timing = Timing::After});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF07F1U);
}

// A unit has four slots; bits of a Match beyond them are no bits of DR6.
TEST(DebugRegisters, RecordTouchesOnlyB0ToB3) {
  DebugRegisters unit;
  unit.record({.slots = ~0U, .timing = Timing::After});
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FFFU);
}

// The interface: asking changes nothing.
TEST(DebugRegisters, MatchingRecordsNothing) {
  const DebugRegisters unit = with(0, 0x1000, Rw::Write, Len::One);
  ASSERT_TRUE(matches(unit, write_of(0x1000, 1)));
  EXPECT_EQ(unit.read(Register::Dr6), 0xFFFF0FF0U);
}

}  // namespace
}  // namespace trapline::debugunit::x86
