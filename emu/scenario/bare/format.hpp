// What a scenario file for the bare machine may hold.
#pragma once

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

schema::TypeRef bare_format();

}  // namespace trapline::scenario
