#include "isa/ppc64/special.hpp"

#include <algorithm>
#include <array>

#include "isa/ppc64/fields.hpp"

namespace trapline::isa::ppc64 {

namespace {

constexpr std::uint32_t kPrimary31 = 31;
constexpr std::uint32_t kMfspr = 339;
constexpr std::uint32_t kMftb = 371;
constexpr std::uint32_t kDarn = 755;
constexpr std::uint32_t kTb = 268;
constexpr std::uint32_t kTbu = 269;

}  // namespace

std::optional<TimeBaseRead> time_base_read(std::uint32_t word) {
  if (primary_opcode(word) != kPrimary31 ||
      (extended_opcode(word) != kMfspr && extended_opcode(word) != kMftb))
    return std::nullopt;
  if (spr(word) != kTb && spr(word) != kTbu) return std::nullopt;
  return TimeBaseRead{rs(word), spr(word) == kTbu};
}

bool is_reservation(std::uint32_t word) {
  // lwarx, ldarx, lbarx, lharx, lqarx; stwcx., stdcx., stbcx., sthcx., stqcx.
  constexpr std::array<std::uint32_t, 10> kExtended{20, 84, 52, 116, 276, 150, 214, 694, 726, 182};
  return primary_opcode(word) == kPrimary31 &&
         std::ranges::find(kExtended, extended_opcode(word)) != kExtended.end();
}

std::optional<unsigned> processor_version_read(std::uint32_t word) {
  constexpr std::uint32_t kPvr = 287;
  if (primary_opcode(word) != kPrimary31 || extended_opcode(word) != kMfspr || spr(word) != kPvr)
    return std::nullopt;
  return rs(word);
}

bool is_trap(std::uint32_t word) {
  const std::uint32_t primary = primary_opcode(word);
  const std::uint32_t extended = extended_opcode(word);
  return primary == 2 || primary == 3 || (primary == kPrimary31 && (extended == 4 || extended == 68));
}

bool is_cache_flush(std::uint32_t word) {
  constexpr std::uint32_t kDcbf = 86;
  return primary_opcode(word) == kPrimary31 && extended_opcode(word) == kDcbf;
}

bool is_privileged_counter(std::uint32_t word) {
  constexpr std::uint32_t kSpurr = 308;
  constexpr std::uint32_t kPurr = 309;
  if (primary_opcode(word) != kPrimary31 ||
      (extended_opcode(word) != kMfspr && extended_opcode(word) != kMftb))
    return false;
  return spr(word) == kSpurr || spr(word) == kPurr;
}

bool is_priority_hint(std::uint32_t word) {
  constexpr std::uint32_t kOr = 444;
  const bool record = (word & 1) != 0;
  return primary_opcode(word) == kPrimary31 && extended_opcode(word) == kOr && !record &&
         rs(word) == ra(word) && ra(word) == rb(word);
}

bool is_random_number(std::uint32_t word) {
  return primary_opcode(word) == kPrimary31 && extended_opcode(word) == kDarn;
}

}  // namespace trapline::isa::ppc64
