// The comparator of DR0–DR3 against the rule of SDM vol. 3B 17.2.4 and 17.2.5, restated byte by byte from the
// raw registers and sharing nothing with the code under test.
#include <gtest/gtest.h>

#include <array>

#include "debugunit/x86/debug_registers.hpp"
#include "random_access.hpp"

namespace trapline::debugunit::x86 {
namespace {

using isa::AccessKind;

constexpr Register kAddressRegisters[] = {Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};
constexpr int kRounds = 20'000;
constexpr int kAccesses = 20;

struct Registers {
  std::array<std::uint64_t, 4> dr{};
  std::uint64_t dr7 = 0;
};

bool slot_matches(const Registers& regs, unsigned n, const isa::Access& access, bool debug_extensions) {
  if (((regs.dr7 >> (2 * n)) & 3) == 0) return false;  // neither Ln nor Gn
  const std::uint64_t rw = (regs.dr7 >> (16 + 4 * n)) & 3;
  const std::uint64_t len = (regs.dr7 >> (18 + 4 * n)) & 3;
  if (access.kind == AccessKind::Execute) return rw == 0 && access.address.value == regs.dr[n];
  if (access.kind == AccessKind::Read && rw != 3) return false;
  if (access.kind == AccessKind::Write && rw != 3 && rw != 1) return false;
  if (access.kind == AccessKind::Io && !(rw == 2 && debug_extensions)) return false;

  const std::uint64_t block = len == 0 ? 1 : len == 1 ? 2 : len == 2 ? 8 : 4;
  for (std::uint32_t i = 0; i < access.size; ++i) {
    const std::uint64_t byte = access.address.value + i;
    if (byte / block == regs.dr[n] / block) return true;
  }
  return false;
}

std::uint32_t slots_that_match(const Registers& regs, const isa::Access& access,
                               bool debug_extensions = true) {
  std::uint32_t slots = 0;
  for (unsigned n = 0; n < 4; ++n) {
    if (slot_matches(regs, n, access, debug_extensions)) slots |= 1U << n;
  }
  return slots;
}

Registers random_registers(RandomAccess& random, std::uint64_t place) {
  Registers regs;
  for (std::uint64_t& address : regs.dr) address = random.near(place);
  regs.dr7 = random.bits();
  return regs;
}

DebugRegisters unit_with(const Registers& regs, RandomAccess& random) {
  DebugRegisters unit;
  const bool dr7_first = random.flip();
  if (dr7_first) unit.write(Register::Dr7, regs.dr7);
  for (unsigned n = 0; n < 4; ++n) unit.write(kAddressRegisters[n], regs.dr[n]);
  if (!dr7_first) unit.write(Register::Dr7, regs.dr7);
  return unit;
}

TEST(DebugRegistersProperty, MatchesAsTheRuleRestatedByteByByte) {
  RandomAccess random(0xD7);
  int hits = 0;
  int io_hits = 0;
  int wrapped_hits = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t place = random.place();
    const Registers regs = random_registers(random, place);
    const DebugRegisters unit = unit_with(regs, random);
    for (int i = 0; i < kAccesses; ++i) {
      isa::Access access = random.access(place);
      // One place in 129 is too rare for instruction breakpoints; aim some at them.
      if (access.kind == AccessKind::Execute && random.flip()) {
        access.address = isa::GuestVa(regs.dr[random.below(4)]);
      }
      const Context context = random.context();
      const std::uint32_t expected = slots_that_match(regs, access, context.debug_extensions);
      const auto found = unit.match(access, context);
      ASSERT_EQ(found ? found->slots : 0, expected)
          << std::hex << "DR7 " << regs.dr7 << " DR0-3 " << regs.dr[0] << " " << regs.dr[1] << " "
          << regs.dr[2] << " " << regs.dr[3] << ", " << Shown{access, context};
      ASSERT_EQ(found.has_value(), expected != 0);
      if (!found) continue;
      ASSERT_EQ(found->timing, access.kind == AccessKind::Execute ? Timing::Before : Timing::After);
      ++hits;
      if (access.kind == AccessKind::Io) ++io_hits;
      if (access.address.value + access.size < access.address.value) ++wrapped_hits;
    }
  }
  // The draw is worth something only if it hits and misses, also across the top.
  EXPECT_GT(hits, kRounds * kAccesses / 10);
  EXPECT_LT(hits, kRounds * kAccesses * 9 / 10);
  EXPECT_GT(wrapped_hits, 1000);
  EXPECT_GT(io_hits, 1000);
}

// watched() is what the executing side refuses: every byte of a slot's span can match that slot,
// and no byte outside can.
TEST(DebugRegistersProperty, WatchedIsExactlyWhatCanMatch) {
  RandomAccess random(0xDB);
  for (int round = 0; round < kRounds / 20; ++round) {
    const std::uint64_t place = random.place();
    const Registers regs = random_registers(random, place);
    const DebugRegisters unit = unit_with(regs, random);
    for (std::uint64_t offset = 0; offset < 160; ++offset) {
      const isa::GuestVa byte(place + offset - 80);
      std::uint32_t data = 0;
      std::uint32_t execute = 0;
      for (const Watched& span : unit.watched()) {
        if (byte - span.first < span.size) (span.execute ? execute : data) |= 1U << span.slot;
      }
      ASSERT_EQ(data, slots_that_match(regs, {byte, 1, AccessKind::Write}));
      ASSERT_EQ(execute, slots_that_match(regs, {byte, 1, AccessKind::Execute}));
    }
  }
}

}  // namespace
}  // namespace trapline::debugunit::x86
