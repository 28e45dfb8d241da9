// Random accesses for the property tests: close to a place of interest, so that near misses and hits are both
// common.
#pragma once

#include <array>
#include <cstdint>
#include <random>

#include "debugunit/debug_unit.hpp"

namespace trapline::debugunit {

class RandomAccess {
 public:
  // The same seed draws the same values everywhere: only the engine's raw output is used, as the standard
  // leaves the distributions to the implementation.
  explicit RandomAccess(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  // Around one of: an arbitrary place, the middle of user space, both ends of the address space.
  std::uint64_t place() {
    const std::array<std::uint64_t, 4> places{bits(), 0x7FFF'1234'5000, 0, ~std::uint64_t{0}};
    return places[below(places.size())];
  }

  // Within 64 bytes of `place`, modulo 2^64.
  std::uint64_t near(std::uint64_t place) { return place + below(129) - 64; }

  isa::Access access(std::uint64_t place) {
    return {isa::GuestVa(near(place)), static_cast<std::uint32_t>(1 + below(64)), kind()};
  }

  isa::AccessKind kind() { return static_cast<isa::AccessKind>(below(3)); }
  Privilege privilege() { return static_cast<Privilege>(below(3)); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace trapline::debugunit
