// Random accesses for the property tests: close to a place of interest, so that near misses and hits are both
// common.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <random>

#include "debugunit/debug_unit.hpp"

namespace trapline::debugunit {

// An access and the context it is made in, for messages.
struct Shown {
  isa::Access access;
  Context context;

  friend std::ostream& operator<<(std::ostream& out, const Shown& shown) {
    return out << std::hex << "access " << shown.access.address.value << "+" << shown.access.size << " kind "
               << static_cast<int>(shown.access.kind) << " privilege "
               << static_cast<int>(shown.context.privilege) << " translation " << shown.context.translation
               << " debug extensions " << shown.context.debug_extensions;
  }
};

// Every context, as far as it matters on PPC64.
inline constexpr Context kPpc64Contexts[] = {
    {.privilege = Privilege::User, .translation = false},
    {.privilege = Privilege::User, .translation = true},
    {.privilege = Privilege::Kernel, .translation = false},
    {.privilege = Privilege::Kernel, .translation = true},
    {.privilege = Privilege::Hypervisor, .translation = false},
    {.privilege = Privilege::Hypervisor, .translation = true},
};

class RandomAccess {
 public:
  // The same seed draws the same values everywhere: only the engine's raw output is used, as the standard
  // leaves the distributions to the implementation.
  explicit RandomAccess(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool flip() { return below(2) == 0; }

  // Around one of: an arbitrary place, the middle of user space, that of the address space, both its ends.
  std::uint64_t place() {
    const std::array<std::uint64_t, 5> places{bits(), 0x7FFF'1234'5000, std::uint64_t{1} << 63, 0,
                                              ~std::uint64_t{0}};
    return places[below(places.size())];
  }

  // Within 64 bytes of `place`, modulo 2^64.
  std::uint64_t near(std::uint64_t place) { return place + below(129) - 64; }

  isa::Access access(std::uint64_t place) { return {isa::GuestVa(near(place)), size(), kind()}; }

  // In bytes: those of single instructions mostly, up to those of load and store multiple.
  std::uint32_t size() {
    return static_cast<std::uint32_t>(flip() ? std::uint64_t{1} << below(5) : below(65));
  }
  isa::AccessKind kind() { return static_cast<isa::AccessKind>(below(4)); }
  Context context() {
    return {.privilege = static_cast<Privilege>(below(3)), .translation = flip(), .debug_extensions = flip()};
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace trapline::debugunit
