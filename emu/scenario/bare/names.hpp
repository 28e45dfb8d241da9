// The words of bare scenarios that are ours: those of the processors are in machine/bare.
#pragma once

#include <array>
#include <string_view>

#include "emu/machine/bare/bare_machine.hpp"

namespace trapline::scenario {

struct NamedEnd {
  std::string_view name;
  machine::BareEnd end;
};

// Those that a scenario can expect.
inline constexpr std::array kBareEnds{
    NamedEnd{"halted", machine::BareEnd::Halted},
    NamedEnd{"shutdown", machine::BareEnd::Shutdown},
    NamedEnd{"out-of-cycles", machine::BareEnd::CyclesUsedUp},
};

constexpr std::string_view name(machine::BareEnd end) {
  for (const NamedEnd& entry : kBareEnds) {
    if (entry.end == end) return entry.name;
  }
  return "unsupported";
}

}  // namespace trapline::scenario
