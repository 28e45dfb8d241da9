// From the tree of what a scenario file says about perf events to its typed form.
#pragma once

#include <optional>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario {

// Reads `events`, `actions` and `expect.events` of the file `root` into the scenario, whose machine is
// complete. Adds to `problems` what only several values together show.
void convert_perf(const View& root, Scenario& scenario, std::vector<Problem>& problems);

}  // namespace trapline::scenario
