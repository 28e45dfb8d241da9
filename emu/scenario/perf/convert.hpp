// From the tree of what a scenario file says about perf events to its typed form.
#pragma once

#include <optional>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

// Reads `events`, `actions` and what is expected of these into the scenario, whose machine is complete. Adds
// to `problems` what only several values together show.
void convert_perf(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems);

// Whether the scenario expects anything of its events and actions.
bool checks_events(const Scenario& scenario);

}  // namespace trapline::scenario
