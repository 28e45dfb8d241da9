// From a scenario's `machine` to the machine's own description.
#pragma once

#include "emu/machine/machine.hpp"
#include "emu/scenario/document.hpp"

namespace trapline::scenario {

machine::MachineSpec machine_spec(const MachineSpec& given, isa::Isa isa, machine::Gear gear);

}  // namespace trapline::scenario
