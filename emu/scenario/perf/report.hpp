// What the reports say of perf events and of what was done with them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// "#21  cycle 52021  cpu 0  counter/1000  add_one (counter.c:5) wrote 4 bytes at counter: 0 -> 1"; and what
// called that, outwards up to main(): "work (counter.c:12) < main (counter.c:20)", or "".
std::string hit_line(const Hit& hit);
std::string callers_line(const Hit& hit);
nlohmann::ordered_json hit_json(const Hit& hit);

// Each event with its hits and records, and each action, a line each. `hits`: how many of an event to show,
// and of its records; absent: 20.
void perf_text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits);

// The keys of the run's object. `hits` absent: all that were kept.
nlohmann::ordered_json perf_json(const Outcome& outcome, std::optional<std::size_t> hits);

}  // namespace trapline::scenario
