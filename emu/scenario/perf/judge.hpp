// Holds what became of perf events against what a scenario expects of them.
#pragma once

#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// Adds a problem for each expectation that does not hold.
void judge_perf(const Scenario& scenario, const Outcome& outcome, std::vector<Problem>& problems);

}  // namespace trapline::scenario
