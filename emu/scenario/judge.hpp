// Holds what happened against what a scenario expects.
#pragma once

#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// One problem for each expectation that does not hold, at the place in the file where it is written; none:
// the scenario passes.
std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome);

}  // namespace trapline::scenario
