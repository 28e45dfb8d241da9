// The comparison that every data breakpoint comes down to: do two spans of guest bytes share one?
#pragma once

#include <cstdint>

#include "isa/address.hpp"

namespace trapline::debugunit {

// True if some byte lies in both spans; sizes in bytes, and an empty span shares none. A span may begin near
// 2^64 and end near 0, as 64-bit address arithmetic wraps (Power ISA Book I, "Effective Address Calculation";
// Intel SDM vol. 1, "Address Calculations in 64-Bit Mode"). Modulo 2^64, b - a is the distance from a forward
// to b: two spans share a byte just when one of them begins inside the other.
constexpr bool overlap(isa::GuestVa a, std::uint64_t a_size, isa::GuestVa b, std::uint64_t b_size) {
  return a_size != 0 && b_size != 0 && (b - a < a_size || a - b < b_size);
}

}  // namespace trapline::debugunit
