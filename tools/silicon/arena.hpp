// The memory that the code of a case works on, by host pointers to its pages; the same for both sides.
#pragma once

#include <array>
#include <cstddef>

#include "tools/silicon/case.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

struct Arena {
  std::array<std::byte*, kDataPages> data{};  // from kData on
  std::byte* scratch = nullptr;

  void prepare(const Case& test) const;
  // Fills in the digests of what the case has left.
  void digest(const Case& test, Outcome& outcome) const;

  std::byte& byte(std::uint64_t address) const {
    return data[(address - kData) / kPage][(address - kData) % kPage];
  }
};

}  // namespace trapline::tools::silicon
