// One case: an instruction form with everything that it starts from. Made of a seed, the form's name and a
// number alone, so that it can be made again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/silicon/form.hpp"
#include "tools/silicon/layout.hpp"

namespace trapline::tools::silicon {

// To be counted up whenever make_case() makes other cases of the same forms.
inline constexpr std::uint64_t kGeneratorVersion = 1;

// The general registers in the order of isa::x86::Reg.
inline constexpr std::size_t kGprs = 16;

// RFLAGS that are compared: CF, PF, AF, ZF, SF, DF and OF.
inline constexpr std::uint64_t kComparedFlags = 0xcd5;

inline constexpr unsigned kBreakpoints = 4;

struct Planted {
  std::uint64_t address = 0;
  std::uint64_t value = 0;
  unsigned size = 0;  // bytes
};

struct Case {
  const Form* form = nullptr;
  std::uint64_t number = 0;  // of the form's cases
  std::array<std::uint64_t, kGprs> gpr{};
  std::uint64_t rflags = 0x202;
  std::uint64_t fs_base = 0;
  std::uint64_t gs_base = 0;
  std::array<std::uint64_t, kBreakpoints> dr{};
  std::uint64_t dr7 = 0;
  std::uint64_t window = kData;                         // its first page
  std::uint64_t operand = kData;                        // the first one
  std::vector<Planted> planted;                         // in the window, over the pattern
  std::array<std::byte, scratch::kInputSize> inputs{};  // from kScratch on
};

Case make_case(std::uint64_t seed, const Form& form, std::uint64_t number);

}  // namespace trapline::tools::silicon
