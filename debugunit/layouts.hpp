// The layouts of all registers that have a meaning bit by bit: those of the debug units, and what isa/ knows.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "isa/register_layout.hpp"

namespace trapline::debugunit {

// By its name in scenario files ("dr7", "dawrx0", also "srr1", which holds an MSR), in any case. Nothing
// where there is none of this name, or its bits say nothing by themselves.
const isa::RegisterLayout* layout_of(isa::Isa isa, std::string_view name);

// For people who ask: all names, of both instruction sets.
std::vector<std::string_view> layout_names();

}  // namespace trapline::debugunit
