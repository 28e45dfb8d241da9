// Holds what happened on a bare machine against what a scenario expects.
#pragma once

#include "emu/scenario/judge.hpp"

namespace trapline::scenario {

// As scenario::judge(), which calls it for bare scenarios.
std::vector<Problem> judge_bare(const Scenario& scenario, const Outcome& outcome);

}  // namespace trapline::scenario
