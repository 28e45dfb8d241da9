// Which extension of the instruction set an instruction belongs to.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace trapline::isa::x86 {

// "AVX2", by Capstone's groups; "" where it is of the base set, or its bytes are no instruction. `bytes`
// begin with it, and need not end there.
std::string extension(std::span<const std::byte> bytes);

}  // namespace trapline::isa::x86
