// Integers as they lie in guest memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace trapline::isa {

// The unsigned number in `bytes`, at most eight of them.
constexpr std::uint64_t load_word(std::span<const std::byte> bytes, std::endian order) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = order == std::endian::little ? bytes.size() - 1 - i : i;
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at]);
  }
  return value;
}

// Writes the low bytes of `value`, as many as `bytes` holds.
constexpr void store_word(std::span<std::byte> bytes, std::uint64_t value, std::endian order) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = order == std::endian::little ? i : bytes.size() - 1 - i;
    bytes[at] = static_cast<std::byte>(value >> (8 * i));
  }
}

}  // namespace trapline::isa
