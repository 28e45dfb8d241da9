// The keys of a scenario file for the model of Linux.
#pragma once

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

schema::TypeRef linux_format();

}  // namespace trapline::scenario
