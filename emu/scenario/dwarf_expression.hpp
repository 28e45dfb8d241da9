// DWARF expressions (DWARF 5, 2.5), evaluated on a guest: where a frame begins, where a variable lies.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "emu/machine/cpu.hpp"

namespace trapline::scenario {

// Eight bytes of the guest's memory as a number; nothing where they are not there.
using GuestLoad = std::function<std::optional<std::uint64_t>(isa::GuestVa)>;

// By their numbers in DWARF; nothing where one is not known.
using DwarfRegisters = std::vector<std::optional<std::uint64_t>>;
DwarfRegisters dwarf_registers(machine::Cpu& cpu);

// What an expression may ask for.
struct DwarfContext {
  const DwarfRegisters& registers;
  const GuestLoad& load;
  std::optional<std::uint64_t> cfa{};
  std::optional<std::uint64_t> frame_base{};
  std::uint64_t load_bias = 0;  // of addresses
};

// Nothing where it asks for what is not there, or does what call frame information and compilers' places of
// variables in memory do not.
std::optional<std::uint64_t> evaluate(std::span<const Dwarf_Op> ops, const DwarfContext& context);

// Whether its value is an address, and not the object itself, as in a register.
bool is_memory(std::span<const Dwarf_Op> ops);

}  // namespace trapline::scenario
