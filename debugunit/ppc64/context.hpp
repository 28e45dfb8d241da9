// What the comparators of DABR and DAWR share: the filter by privilege, and the addresses of 32-bit mode.
#pragma once

#include <cstdint>

#include "debugunit/debug_unit.hpp"

namespace trapline::debugunit::ppc64 {

// The privilege states whose accesses match: the low bits of DABRX and of DAWRX.
namespace privm {

inline constexpr std::uint64_t kHyp = 4;  // hypervisor
inline constexpr std::uint64_t kPnh = 2;  // privileged, not hypervisor
inline constexpr std::uint64_t kPro = 1;  // problem state

}  // namespace privm

constexpr bool privilege_matches(std::uint64_t states, Privilege privilege) {
  switch (privilege) {
    case Privilege::User:
      return (states & privm::kPro) != 0;
    case Privilege::Kernel:
      return (states & privm::kPnh) != 0;
    case Privilege::Hypervisor:
      return (states & privm::kHyp) != 0;
  }
  return false;
}

}  // namespace trapline::debugunit::ppc64
