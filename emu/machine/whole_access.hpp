// What an instruction accesses in all, where the engine accesses it in parts: a breakpoint's user is told of
// the storage operand that the manuals name, not of the eight bytes of it that a translation happens to move
// at once.
#pragma once

#include <cstdint>
#include <vector>

#include "emu/machine/cpu.hpp"
#include "isa/access.hpp"

namespace trapline::machine {

// PPC64: `part` is an access of the instruction `word`, which has not completed; the answer holds it. Of
// instructions with a single access, and those not known here, it is `part` itself.
isa::Access whole_access(Cpu& cpu, std::uint32_t word, const isa::Access& part);

// x86: the same of an instruction that has completed, whose accesses these are. `code` starts with it.
void join_parts(Cpu& cpu, isa::GuestVa instruction, std::span<const std::byte> code,
                std::vector<isa::Access>& accesses);

}  // namespace trapline::machine
