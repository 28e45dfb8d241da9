// What the bytes of a number say, by its type.
#pragma once

#include <bit>
#include <cstdint>

#include "emu/scenario/words.hpp"

namespace trapline::scenario {

enum class NumberType : std::uint8_t {
  Unsigned,
  Signed,
  Float,  // of 4 or 8 bytes, IEEE 754's
};

// Of a Float, which lies in the low `bytes` of the value.
inline double float_of(std::uint64_t value, std::uint64_t bytes) {
  if (bytes == sizeof(float)) return std::bit_cast<float>(static_cast<std::uint32_t>(value));
  return std::bit_cast<double>(value);
}

}  // namespace trapline::scenario
