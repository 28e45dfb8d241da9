// The storage operand of PPC64 instructions that access several words or doublewords, or that compute its
// place or its size in a way of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "isa/access.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::isa::ppc64 {

// Nothing for other instructions, whose one access says it all. `get` reads a register.
std::optional<Access> storage_operand(std::uint32_t word, const std::function<std::uint64_t(Reg)>& get);

}  // namespace trapline::isa::ppc64
