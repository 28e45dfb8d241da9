// The version of the engine's library that is loaded.
#pragma once

#include <string>

namespace trapline::machine {

// "2.1.4"
std::string engine_version();

}  // namespace trapline::machine
