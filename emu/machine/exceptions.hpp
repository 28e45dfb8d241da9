// What a processor's own exception means to the layers above.
#pragma once

#include <cstdint>

#include "emu/machine/stop.hpp"
#include "isa/isa.hpp"

namespace trapline::machine {

// `number` is the engine's: on x86 the vector; on PPC64 its own count of interrupt kinds. `word` is the PPC64
// instruction that the interrupt is about.
Stop interrupt_stop(isa::Isa isa, unsigned number, std::uint32_t word);

}  // namespace trapline::machine
