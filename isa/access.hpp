// One access of guest code to memory, as a debug unit sees it.
#pragma once

#include <cstdint>

#include "isa/address.hpp"

namespace trapline::isa {

enum class AccessKind : std::uint8_t {
  Read,
  Write,
  Execute,
  Io,  // x86 IN, OUT, INS and OUTS: the address is a port's number
};

struct Access {
  GuestVa address{};       // its lowest byte
  std::uint32_t size = 0;  // in bytes; for Execute the length does not matter, a match is on the first byte
  AccessKind kind = AccessKind::Read;

  constexpr bool operator==(const Access&) const = default;
};

// Whether `part` is of the same kind and lies in `whole`.
constexpr bool holds(const Access& whole, const Access& part) {
  const std::uint64_t skip = part.address.value - whole.address.value;  // what begins before it is far away
  return part.kind == whole.kind && part.size <= whole.size && skip <= whole.size - part.size;
}

}  // namespace trapline::isa
