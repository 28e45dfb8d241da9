// Numbers as reports write them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline::scenario {

// "1 hit", "2 hits"
inline std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// A number of so many bytes, two's complement; of none, or more than there are, as it is.
inline std::int64_t with_sign_of(std::uint64_t value, std::uint64_t bytes) {
  const bool narrow = bytes > 0 && bytes < sizeof(value);
  const std::uint64_t unused = narrow ? 8 * (sizeof(value) - bytes) : 0;
  return static_cast<std::int64_t>(value << unused) >> unused;
}

inline std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

}  // namespace trapline::scenario
