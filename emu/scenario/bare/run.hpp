// Runs a scenario on a machine with nothing on it but its program.
#pragma once

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// As scenario::run(), which calls it for bare scenarios.
Outcome run_bare(const Scenario& scenario, isa::Isa isa, const RunOptions& options);

}  // namespace trapline::scenario
