#include "emu/scenario/machine_spec.hpp"

namespace trapline::scenario {

machine::MachineSpec machine_spec(const MachineSpec& given, isa::Isa isa, machine::Gear gear) {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
  spec.cpus = given.cpus;
  spec.memory = given.memory;
  spec.gear = gear;
  spec.debug_unit = given.debug_unit.value_or(spec.debug_unit);
  spec.debug_features = given.debug_features;
  const CostOverrides& costs = given.costs;
  machine::EventCosts& events = spec.costs.events;
  events.trap = costs.trap.value_or(events.trap);
  events.syscall = costs.syscall.value_or(events.syscall);
  events.context_switch = costs.context_switch.value_or(events.context_switch);
  events.debug_register_write = costs.debug_register_write.value_or(events.debug_register_write);
  for (const auto& [cls, cycles] : costs.instructions) {
    spec.costs.instructions.cycles[static_cast<std::size_t>(cls)] = cycles;
  }
  return spec;
}

}  // namespace trapline::scenario
