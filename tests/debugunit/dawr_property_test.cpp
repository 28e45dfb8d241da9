// The comparators of DAWR0 and DAWR1 against the rule of Power ISA Book III, "Data Address Watchpoint",
// restated byte by byte from the raw registers and sharing nothing with the code under test.
#include <gtest/gtest.h>

#include <array>

#include "debugunit/ppc64/dawr.hpp"
#include "random_access.hpp"

namespace trapline::debugunit::ppc64 {
namespace {

using isa::AccessKind;

constexpr int kRounds = 20'000;
constexpr int kAccesses = 20;

struct Registers {
  std::uint64_t dawr = 0;
  std::uint64_t dawrx = 0;
};

// Bit `number` as the manual counts it, from the left.
bool ibm_bit(std::uint64_t value, unsigned number) { return (value >> (63 - number)) % 2 == 1; }

// Whether a byte lies in the range: in one of its MRD + 1 doublewords from DEAW on. With one watchpoint those
// beyond the aligned 512 bytes of the first are none of it.
bool in_range(const Registers& regs, unsigned count, std::uint64_t byte, bool without_bit_0) {
  const std::uint64_t addresses = ~std::uint64_t{0} >> (without_bit_0 ? 1 : 0);  // what counts of an address
  std::uint64_t doublewords = 1;
  for (unsigned number = 48; number <= 53; ++number) {
    if (ibm_bit(regs.dawrx, number)) doublewords += std::uint64_t{1} << (53 - number);
  }
  for (std::uint64_t n = 0; n < doublewords; ++n) {
    const std::uint64_t doubleword = (regs.dawr / 8 + n) * 8;
    if (count == 1 && doubleword / 512 != regs.dawr / 512) return false;
    if ((doubleword & addresses) < (regs.dawr & addresses) / 8 * 8) return false;  // it ends at the top
    if ((byte & addresses) / 8 == (doubleword & addresses) / 8) return true;
  }
  return false;
}

bool rule(const Registers& regs, unsigned count, const isa::Access& access, const Context& context) {
  const bool kind = (access.kind == AccessKind::Write && ibm_bit(regs.dawrx, 57)) ||
                    (access.kind == AccessKind::Read && ibm_bit(regs.dawrx, 58));
  const bool translation = ibm_bit(regs.dawrx, 59) == context.translation || ibm_bit(regs.dawrx, 60);
  const bool state = (context.privilege == Privilege::Hypervisor && ibm_bit(regs.dawrx, 61)) ||
                     (context.privilege == Privilege::Kernel && ibm_bit(regs.dawrx, 62)) ||
                     (context.privilege == Privilege::User && ibm_bit(regs.dawrx, 63));
  if (!kind || !translation || !state) return false;
  // HRAMMC: bit 0 is ignored in hypervisor real addressing mode.
  const bool without_bit_0 =
      ibm_bit(regs.dawrx, 56) && context.privilege == Privilege::Hypervisor && !context.translation;
  for (std::uint32_t i = 0; i < access.size; ++i) {
    if (in_range(regs, count, access.address.value + i, without_bit_0)) return true;
  }
  return false;
}

class DawrProperty : public testing::TestWithParam<unsigned> {
 protected:
  unsigned count() const { return GetParam(); }

  // Ranges about `place`: they begin up to 512 bytes before it, short and long ones alike.
  std::array<Registers, 2> draw(RandomAccess& random, std::uint64_t place) const {
    std::array<Registers, 2> regs;
    for (unsigned n = 0; n < count(); ++n) {
      regs[n].dawr = random.near(place) - (random.flip() ? random.below(512) : 0);
      regs[n].dawrx = random.bits();
      if (random.flip()) regs[n].dawrx &= ~(std::uint64_t{0b111100} << 10);  // up to 4 doublewords
    }
    return regs;
  }

  Dawr unit_with(const std::array<Registers, 2>& regs) const {
    Dawr unit(count());
    unit.write(Register::Dawr0, regs[0].dawr);
    unit.write(Register::Dawrx0, regs[0].dawrx);
    unit.write(Register::Dawr1, regs[1].dawr);
    unit.write(Register::Dawrx1, regs[1].dawrx);
    return unit;
  }
};

TEST_P(DawrProperty, MatchesAsTheRuleRestatedByteByByte) {
  RandomAccess random(0xDA + count());
  int hits = 0;
  int double_hits = 0;
  int wrapped_hits = 0;
  int other_half_hits = 0;  // through HRAMMC
  for (int round = 0; round < kRounds / 4; ++round) {
    const std::uint64_t place = random.place();
    const auto regs = draw(random, place);
    const Dawr unit = unit_with(regs);
    for (int i = 0; i < kAccesses; ++i) {
      isa::Access access = random.access(place);
      if (random.below(4) == 0) access.address = isa::GuestVa(access.address.value ^ std::uint64_t{1} << 63);
      const Context context = random.context();
      std::uint32_t expected = 0;
      for (unsigned n = 0; n < count(); ++n) {
        if (rule(regs[n], count(), access, context)) expected |= 1U << n;
      }
      const auto found = unit.match(access, context);
      ASSERT_EQ(found ? found->slots : 0, expected)
          << std::hex << "DAWR " << regs[0].dawr << " " << regs[1].dawr << " DAWRX " << regs[0].dawrx << " "
          << regs[1].dawrx << ", " << Shown{access, context};
      ASSERT_EQ(found.has_value(), expected != 0);
      if (!found) continue;
      ASSERT_EQ(found->timing, Timing::Before);
      ++hits;
      if (expected == 3) ++double_hits;
      const std::uint64_t end = access.address.value + access.size;
      if (end < access.address.value) ++wrapped_hits;
      if ((access.address.value ^ place) >> 63 == 1) ++other_half_hits;
    }
  }
  // The draw is worth something only if it hits and misses, also across the top.
  constexpr int kDrawn = kRounds / 4 * kAccesses;
  EXPECT_GT(hits, kDrawn / 100);
  EXPECT_LT(hits, kDrawn * 9 / 10);
  EXPECT_GT(wrapped_hits, 100);
  EXPECT_GT(other_half_hits, 100);
  EXPECT_EQ(double_hits > 100, count() == 2);
}

// watched() is what the executing side refuses: every byte of a slot's range can match that slot, and no byte
// outside can; what HRAMMC adds in the other half of the address space is left out.
TEST_P(DawrProperty, WatchedIsExactlyWhatCanMatch) {
  RandomAccess random(0xDADA + count());
  for (int round = 0; round < kRounds / 100; ++round) {
    const std::uint64_t place = random.place();
    const auto regs = draw(random, place);
    const Dawr unit = unit_with(regs);
    for (unsigned n = 0; n < count(); ++n) {
      const std::uint64_t first = regs[n].dawr - 80;
      for (std::uint64_t offset = 0; offset < 700; ++offset) {
        const isa::GuestVa byte(first + offset);
        bool can_match = false;
        for (const AccessKind kind : {AccessKind::Read, AccessKind::Write}) {
          for (const Context& context : kPpc64Contexts) {
            const Registers without_hrammc{regs[n].dawr, regs[n].dawrx & ~std::uint64_t{0x80}};
            can_match = can_match || rule(without_hrammc, count(), {byte, 1, kind}, context);
          }
        }
        bool watched = false;
        for (const Watched& span : unit.watched()) {
          watched = watched || (span.slot == n && !span.execute && byte - span.first < span.size);
        }
        ASSERT_EQ(watched, can_match);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OneAndTwo, DawrProperty, testing::Values(1U, 2U));

}  // namespace
}  // namespace trapline::debugunit::ppc64
