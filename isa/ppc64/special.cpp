#include "isa/ppc64/special.hpp"

#include <algorithm>
#include <array>

namespace trapline::isa::ppc64 {

namespace {

constexpr std::uint32_t kPrimary31 = 31;
constexpr std::uint32_t kMfspr = 339;
constexpr std::uint32_t kMftb = 371;
constexpr std::uint32_t kDarn = 755;
constexpr std::uint32_t kTb = 268;
constexpr std::uint32_t kTbu = 269;

constexpr std::uint32_t primary(std::uint32_t word) { return word >> 26; }
constexpr std::uint32_t extended(std::uint32_t word) { return word >> 1 & 0x3ff; }
// The halves of the register's number are swapped in the word.
constexpr std::uint32_t spr(std::uint32_t word) { return (word >> 16 & 0x1f) | (word >> 11 & 0x1f) << 5; }

}  // namespace

std::optional<TimeBaseRead> time_base_read(std::uint32_t word) {
  if (primary(word) != kPrimary31 || (extended(word) != kMfspr && extended(word) != kMftb))
    return std::nullopt;
  if (spr(word) != kTb && spr(word) != kTbu) return std::nullopt;
  return TimeBaseRead{word >> 21 & 0x1f, spr(word) == kTbu};
}

bool is_reservation(std::uint32_t word) {
  // lwarx, ldarx, lbarx, lharx, lqarx; stwcx., stdcx., stbcx., sthcx., stqcx.
  constexpr std::array<std::uint32_t, 10> kExtended{20, 84, 52, 116, 276, 150, 214, 694, 726, 182};
  return primary(word) == kPrimary31 && std::ranges::find(kExtended, extended(word)) != kExtended.end();
}

bool is_random_number(std::uint32_t word) { return primary(word) == kPrimary31 && extended(word) == kDarn; }

}  // namespace trapline::isa::ppc64
