// x86: the unprivileged instructions that the engine would carry out otherwise than a processor under Linux,
// since the descriptor table that they look into is not in the program's memory, and those that move what the
// engine does not know (RF, the debug exceptions held by MOV SS).
#pragma once

#include <optional>

#include "emu/machine/cpu.hpp"

namespace trapline::machine {

// Carries out the instruction at the PC if it is one of them; nothing otherwise. BudgetUsed: it is complete,
// and there is nothing to report.
std::optional<Stop> carry_out_in_user_mode(Cpu& cpu);

}  // namespace trapline::machine
