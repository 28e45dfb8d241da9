// What a scenario expects of a number: one value, or a range of them.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "emu/scenario/words.hpp"

namespace trapline::scenario {

// Of a list whose items are each held against all that happened: a file that anybody wrote is judged in
// bounded time.
inline constexpr std::size_t kMostItems = 256;

struct Bounds {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  bool hold(std::uint64_t value) const { return value >= min && value <= max; }
};

inline std::string to_string(const Bounds& bounds) {
  if (bounds.min == bounds.max) return fmt::format("{}", bounds.min);
  if (bounds.max == Bounds{}.max) return fmt::format("{} or more", bounds.min);
  return fmt::format("{} to {}", bounds.min, bounds.max);
}

// Of a value of some bytes of memory. Where a bound is negative, the bytes are a number with a sign, as the
// file means them to be.
struct ValueBounds {
  std::optional<std::int64_t> min;  // two's complement: without a sign where `is_signed` is false
  std::optional<std::int64_t> max;
  bool is_signed = false;

  bool one() const { return min && min == max; }

  // `bits` is how many the value has, 8 to 64.
  bool fit(unsigned bits) const { return (!min || fits(*min, bits)) && (!max || fits(*max, bits)); }
  bool hold(std::uint64_t value, unsigned bits) const {
    if (one()) return ((static_cast<std::uint64_t>(*min) ^ value) & mask(bits)) == 0;
    if (is_signed) {
      const std::int64_t number = with_sign_of(value, bits / 8);
      return (!min || number >= *min) && (!max || number <= *max);
    }
    return (!min || value >= static_cast<std::uint64_t>(*min)) &&
           (!max || value <= static_cast<std::uint64_t>(*max));
  }

 private:
  static std::uint64_t mask(unsigned bits) { return ~std::uint64_t{0} >> (64 - bits); }
  bool fits(std::int64_t bound, unsigned bits) const {
    if ((static_cast<std::uint64_t>(bound) & ~mask(bits)) == 0) return true;
    return bound < 0 && bound >> (bits - 1) == -1;
  }
};

inline std::string to_string(const ValueBounds& bounds) {
  const auto shown = [&](std::int64_t bound) {
    return bounds.is_signed ? fmt::format("{}", bound) : fmt::format("{}", static_cast<std::uint64_t>(bound));
  };
  if (bounds.one()) return shown(*bounds.min);
  if (!bounds.max) return shown(bounds.min.value_or(0)) + " or more";
  if (!bounds.min) return fmt::format("at most {}", shown(*bounds.max));
  return fmt::format("{} to {}", shown(*bounds.min), shown(*bounds.max));
}

}  // namespace trapline::scenario
