// Holds the events that a program opened itself against what a scenario expects of them.
#pragma once

#include <span>
#include <vector>

#include "emu/scenario/input_error.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/perf/spec.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/wording.hpp"

namespace trapline::scenario {

// Adds a problem for each expectation that does not hold. `left_out`: there were more than those.
void judge_own(const Located<OwnExpectations>& expected, std::span<const OwnEvent> events, bool left_out,
               const SymbolTable& symbols, Wording wording, std::vector<Problem>& problems);

}  // namespace trapline::scenario
