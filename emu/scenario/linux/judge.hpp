// Holds what happened under the model of Linux against what a scenario expects.
#pragma once

#include <vector>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// As scenario::judge().
std::vector<Problem> judge_linux(const Scenario& scenario, const Outcome& outcome);

}  // namespace trapline::scenario
