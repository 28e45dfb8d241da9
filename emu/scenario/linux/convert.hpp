// From the tree of a scenario for Linux to its typed form: its events, actions and expectations.
#pragma once

#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

// As Kind::convert().
void convert_linux(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems);

}  // namespace trapline::scenario
