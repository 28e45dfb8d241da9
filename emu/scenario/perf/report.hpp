// What the reports say of perf events and of what was done with them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// Each event with its hits and records, and each action, a line each.
void perf_text(std::ostream& out, const Outcome& outcome);

// The keys of the run's object.
nlohmann::ordered_json perf_json(const Outcome& outcome);

}  // namespace trapline::scenario
