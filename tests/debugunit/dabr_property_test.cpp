// The comparator of DABR and DABRX against the rule of Power ISA Book III-S chapter 8, restated byte by byte
// from the raw registers and sharing nothing with the code under test.
#include <gtest/gtest.h>

#include "debugunit/ppc64/dabr.hpp"
#include "random_access.hpp"

namespace trapline::debugunit::ppc64 {
namespace {

using isa::AccessKind;

constexpr int kRounds = 20'000;
constexpr int kAccesses = 20;

bool privilege_is_enabled(std::uint64_t dabrx, Privilege privilege) {
  return (privilege == Privilege::User && (dabrx & 1) != 0) ||
         (privilege == Privilege::Kernel && (dabrx & 2) != 0) ||
         (privilege == Privilege::Hypervisor && (dabrx & 4) != 0);
}

// "A match occurs for a load or store if, for any byte accessed" the doubleword is DABR's, BT equals MSR[DR]
// or BTI is set, the state is enabled, and so is the kind.
bool rule(std::uint64_t dabr, std::uint64_t dabrx, const isa::Access& access, const Context& context) {
  for (std::uint32_t i = 0; i < access.size; ++i) {
    const std::uint64_t byte = access.address.value + i;
    const bool doubleword = byte / 8 == dabr / 8;
    const bool translation = (((dabr / 4) % 2 == 1) == context.translation) || (dabrx / 8) % 2 == 1;
    const bool kind = (access.kind == AccessKind::Write && (dabr & 2) != 0) ||
                      (access.kind == AccessKind::Read && (dabr & 1) != 0);
    if (doubleword && translation && kind && privilege_is_enabled(dabrx, context.privilege)) return true;
  }
  return false;
}

TEST(DabrProperty, MatchesAsTheRuleRestatedByteByByte) {
  RandomAccess random(0xDAB);
  int hits = 0;
  int wrapped_hits = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t place = random.place();
    const std::uint64_t dabr = (random.near(place) & ~std::uint64_t{7}) | random.below(8);
    const std::uint64_t dabrx = random.bits();
    Dabr unit;
    unit.write(Register::Dabr, dabr);
    unit.write(Register::Dabrx, dabrx);
    for (int i = 0; i < kAccesses; ++i) {
      const isa::Access access = random.access(place);
      const Context context = random.context();
      const bool expected = rule(dabr, dabrx, access, context);
      const auto found = unit.match(access, context);
      ASSERT_EQ(found.has_value(), expected)
          << std::hex << "DABR " << dabr << " DABRX " << dabrx << ", " << Shown{access, context};
      if (!found) continue;
      ASSERT_EQ(*found, (Match{.slots = 1, .timing = Timing::Before}));
      ++hits;
      if (access.address.value + access.size < access.address.value) ++wrapped_hits;
    }
  }
  // The draw is worth something only if it hits and misses, also across the top.
  EXPECT_GT(hits, kRounds * kAccesses / 100);
  EXPECT_LT(hits, kRounds * kAccesses * 9 / 10);
  EXPECT_GT(wrapped_hits, 500);
}

// watched() is what the executing side refuses: every byte of it can match, and no byte outside can.
TEST(DabrProperty, WatchedIsExactlyWhatCanMatch) {
  RandomAccess random(0xDABA);
  for (int round = 0; round < kRounds / 20; ++round) {
    const std::uint64_t place = random.place();
    const std::uint64_t dabr = random.near(place);
    const std::uint64_t dabrx = random.below(16);
    Dabr unit;
    unit.write(Register::Dabr, dabr);
    unit.write(Register::Dabrx, dabrx);
    for (std::uint64_t offset = 0; offset < 160; ++offset) {
      const isa::GuestVa byte(place + offset - 80);
      bool can_match = false;
      for (const AccessKind kind : {AccessKind::Read, AccessKind::Write}) {
        for (const Context& context : kPpc64Contexts) {
          can_match = can_match || rule(dabr, dabrx, {byte, 1, kind}, context);
        }
      }
      bool watched = false;
      for (const Watched& span : unit.watched()) watched = watched || (byte - span.first < span.size);
      ASSERT_EQ(watched, can_match);
    }
  }
}

}  // namespace
}  // namespace trapline::debugunit::ppc64
