// What a CPU tells observers from outside (observers.hpp) of the instructions that they asked for.
#include <utility>

#include "emu/machine/cpu.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::machine {

using isa::AccessKind;
using isa::GuestVa;

// Whether observers are to be told that it executes. A REP does so once.
bool Cpu::observed_execution(GuestVa instruction) {
  if (!machine_.observers().executes(instruction)) return false;
  const auto left = engine().repeat_count(instruction);
  return !left || debug().told_repeat != std::pair(instruction, *left);
}

void Cpu::announce(GuestVa instruction) {
  if (!machine_.observers().code() || !observed_execution(instruction)) return;
  machine_.observers().announce({.cpu = *this,
                                 .space = *space_,
                                 .instruction = instruction,
                                 .access = {instruction, 1, AccessKind::Execute}});
  arm();
}

// The instruction is complete, or an iteration of it.
void Cpu::tell_observers(GuestVa instruction) {
  if (machine_.observers().executes(instruction)) {
    const auto left = engine().repeat_count(instruction);
    debug().told_repeat.reset();
    if (left && between_iterations(instruction)) debug().told_repeat.emplace(instruction, *left);
  }
  witness_.tell({.cpu = *this, .space = *space_, .instruction = instruction}, accesses_);
}

}  // namespace trapline::machine
