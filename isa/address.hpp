// Guest addresses as types of their own, so that a virtual, a physical and a host address cannot be mixed up.
#pragma once

#include <compare>
#include <cstdint>

namespace trapline::isa {

template <class Space>
struct Address {
  std::uint64_t value = 0;

  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t v) : value(v) {}

  constexpr auto operator<=>(const Address&) const = default;

  constexpr Address operator+(std::uint64_t bytes) const { return Address(value + bytes); }
  constexpr Address operator-(std::uint64_t bytes) const { return Address(value - bytes); }
  constexpr std::uint64_t operator-(Address other) const { return value - other.value; }

  // `alignment` is a power of two, in bytes.
  constexpr Address align_down(std::uint64_t alignment) const { return Address(value & ~(alignment - 1)); }
  constexpr Address align_up(std::uint64_t alignment) const {
    return (*this + (alignment - 1)).align_down(alignment);
  }
  constexpr std::uint64_t offset_in(std::uint64_t alignment) const { return value & (alignment - 1); }
};

using GuestVa =
    Address<struct VirtualSpace>;  // what the guest's instructions name (x86: linear; PPC64: effective)
using GuestPa = Address<struct PhysicalSpace>;  // an offset into guest memory

}  // namespace trapline::isa
