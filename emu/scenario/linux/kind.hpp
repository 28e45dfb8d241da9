// Programs of users on the model of Linux.
#pragma once

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

const Kind& linux_kind();

}  // namespace trapline::scenario
