// Runs a scenario on a machine with the model of Linux: builds the guest, opens the events, runs.
#pragma once

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// As scenario::run().
Outcome run_linux(const Scenario& scenario, isa::Isa isa, const RunOptions& options);

}  // namespace trapline::scenario
