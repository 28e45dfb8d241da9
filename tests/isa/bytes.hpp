// Instruction bytes for tests, written as objdump prints them: "48 89 0b".
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace trapline::isa::testing {

inline std::vector<std::byte> bytes(std::string_view hex) {
  constexpr std::size_t kStep = 3;  // two digits and a blank
  std::vector<std::byte> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += kStep) {
    std::uint8_t value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    result.push_back(std::byte{value});
  }
  return result;
}

}  // namespace trapline::isa::testing
