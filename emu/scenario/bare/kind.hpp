// Privileged programs that have the machine to themselves.
#pragma once

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

const Kind& bare_kind();

}  // namespace trapline::scenario
