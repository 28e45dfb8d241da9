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

inline std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

}  // namespace trapline::scenario
