// A case as a scenario file, to run and look at on its own: docs/scenarios.md.
#pragma once

#include <cstdint>
#include <string>

#include "tools/silicon/case.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

// The scenario expects of each breakpoint the number of hits that `expected` has. `about` is one line.
std::string scenario_text(std::uint64_t seed, const Case& test, const Outcome& expected,
                          const std::string& about);

}  // namespace trapline::tools::silicon
