// From the tree of a bare scenario's `expect` to its typed form.
#pragma once

#include <optional>
#include <vector>

#include "emu/scenario/bare/expectation.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario {

// `expect` is absent where the file has none; `at` is its place, or where it would be. Adds to `problems`
// what the instruction set does not have.
BareExpectation convert_bare_expectation(const std::optional<View>& expect, const Position& at,
                                         std::vector<Problem>& problems);

}  // namespace trapline::scenario
