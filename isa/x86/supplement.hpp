// The instructions that Capstone does not know, or mistakes for others.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "isa/decode.hpp"

namespace trapline::isa::x86 {

struct Supplement {
  Instruction instruction;
  std::string text;
};

// Nothing where `bytes` starts with none of them; Capstone has the say then.
std::optional<Supplement> supplement(std::span<const std::byte> bytes);

}  // namespace trapline::isa::x86
