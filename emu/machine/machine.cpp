#include "emu/machine/machine.hpp"

#include <algorithm>

namespace trapline::machine {

MachineSpec MachineSpec::defaults(isa::Isa isa) {
  MachineSpec spec;
  spec.isa = isa;
  spec.costs.instructions = isa::default_costs(isa);
  spec.debug_unit = debugunit::default_model(isa);
  return spec;
}

Machine::Machine(const MachineSpec& spec)
    : spec_(spec),
      memory_(spec.memory, linux_page_size(spec.isa)),
      engine_(spec.isa, memory_, {.costs = spec.costs.instructions, .gear = spec.gear, .bare = spec.bare}),
      fresh_(engine_.fresh_state()) {
  for (unsigned i = 0; i < spec.cpus; ++i) cpus_.push_back(std::make_unique<Cpu>(*this, i));
}

Machine::~Machine() {
  if (in_engine_ != nullptr) in_engine_->in_engine_of_ = nullptr;
}

void Machine::forget(const AddressSpace& space) {
  engine_.forget(space);
  for (const auto& cpu : cpus_) {
    if (cpu->space_ == &space) cpu->space_ = nullptr;
  }
}

std::optional<GuestPa> Machine::allocate_frame() {
  const auto frame = memory_.allocate_frame();
  if (frame) engine_.code_written(*frame, memory_.frame_size());
  return frame;
}

void Machine::write(GuestPa address, std::span<const std::byte> bytes) {
  std::ranges::copy(bytes, memory_.bytes(address, bytes.size()).begin());
  engine_.code_written(address, bytes.size());
}

}  // namespace trapline::machine
