// What the reports say of perf events and of what was done with them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// Each event with its hits and records, and each action, a line each. `hits`: how many of an event to show,
// and of its records; absent: 20.
void perf_text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits);

// The keys of the run's object. `hits` absent: all that were kept.
nlohmann::ordered_json perf_json(const Outcome& outcome, std::optional<std::size_t> hits);

}  // namespace trapline::scenario
