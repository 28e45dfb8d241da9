// The format of scenario files, version 1.
#pragma once

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

class Kind;

// The type of a whole file. Built anew on each call: whoever needs it twice keeps it.
schema::TypeRef scenario_format();

// Of a file whose expectations are laid over those of a scenario of this kind.
schema::TypeRef expectations_format(const Kind& kind);

}  // namespace trapline::scenario
