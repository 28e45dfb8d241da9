// Which addresses there are in 64-bit mode with four-level paging (Intel SDM vol. 1, 3.3.7.1).
#pragma once

#include "isa/address.hpp"

namespace trapline::isa::x86 {

constexpr bool is_canonical(GuestVa address) {
  const std::uint64_t upper = address.value >> 47;  // all alike: bits 47 to 63
  return upper == 0 || upper == 0x1ffff;
}

}  // namespace trapline::isa::x86
