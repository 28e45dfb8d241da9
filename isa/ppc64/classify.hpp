// The class of a PPC64 instruction word, from its opcode fields alone.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/decode.hpp"

namespace trapline::isa::ppc64 {

// `word` is in host order. Nothing where the word is no instruction of a POWER8.
std::optional<Instruction> classify(std::uint32_t word);

}  // namespace trapline::isa::ppc64
