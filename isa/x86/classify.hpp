// The class of an x86-64 instruction, from what Capstone tells about it.
#pragma once

#include <cstddef>
#include <span>

#include "isa/decode.hpp"

struct cs_insn;  // NOLINT(readability-identifier-naming): Capstone's

namespace trapline::isa::x86 {

// `decoded` carries Capstone's details; `bytes` starts with the same instruction.
Instruction classify(const cs_insn& decoded, std::span<const std::byte> bytes);

}  // namespace trapline::isa::x86
