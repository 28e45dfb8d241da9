// x86: the unprivileged instructions that the engine would carry out otherwise than a processor under Linux,
// since the descriptor table that they look into is not in the program's memory, and those that move what the
// engine does not know (RF, the debug exceptions held by MOV SS).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "emu/machine/cpu.hpp"

namespace trapline::machine {

// What came of an instruction that was carried out.
struct Carried {
  std::optional<Stop> stop;  // nothing: it is complete, and there is nothing to report
};
// Carries out the instruction at the PC if it is one of them; nothing otherwise.
std::optional<Carried> carry_out_in_user_mode(Cpu& cpu);

// The engine has taken a JMP, CALL or RET to an address that is not canonical, where the processor faults
// before (Intel SDM vol. 2, of each). Puts RIP and RSP back; `code` is the branch's.
void take_back_branch(Cpu& cpu, GuestVa branch, std::span<const std::byte> code);

}  // namespace trapline::machine
