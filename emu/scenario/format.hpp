// The format of scenario files, version 1.
#pragma once

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

// The type of a whole file. Built anew on each call: whoever needs it twice keeps it.
schema::TypeRef scenario_format();

}  // namespace trapline::scenario
