// What an instruction accesses in all, where the engine reports it in parts (arch/powerpc/lib/sstep.c,
// analyse_instr(), as far as breakpoints need it).
#pragma once

#include <cstdint>

#include "emu/machine/cpu.hpp"
#include "isa/access.hpp"

namespace trapline::kernel::ppc64 {

// `part` is an access of the instruction `word`, which has not completed; the answer holds it. Instructions
// with a single access, and those not known here, have `part` itself.
isa::Access whole_access(machine::Cpu& cpu, std::uint32_t word, const isa::Access& part);

}  // namespace trapline::kernel::ppc64
