// What a run on a bare machine adds to the reports.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// The exceptions, a line each.
void bare_text(std::ostream& out, const Outcome& outcome);

// The keys of the run's object.
nlohmann::ordered_json bare_json(const Outcome& outcome);

}  // namespace trapline::scenario
