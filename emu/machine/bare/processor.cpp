#include "emu/machine/bare/processor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/machine/bare/ppc64_processor.hpp"
#include "emu/machine/bare/x86_processor.hpp"

namespace trapline::machine {

void Processor::charge_delivery() { cpu_.charge(std::max<std::uint64_t>(machine_.event_costs().trap, 1)); }

void Processor::took(ExceptionTaken exception) {
  exception.cycle = cpu_.clock();
  events_.took(std::move(exception));
}

void Processor::unsupported(std::string_view what) {
  end(BareEnd::Unsupported, fmt::format("bare machines do not model {}", what));
}

std::unique_ptr<Processor> make_processor(Machine& machine, Cpu& cpu, const ProgramMemory& memory,
                                          ProgramEvents& events, GuestVa entry) {
  switch (machine.isa()) {
    case isa::Isa::X86_64:
      return std::make_unique<X86Processor>(machine, cpu, memory, events, entry);
    case isa::Isa::Ppc64:
      return std::make_unique<Ppc64Processor>(machine, cpu, memory, events, entry);
  }
  return nullptr;
}

}  // namespace trapline::machine
