#pragma once

#include <string>

namespace trapline::scenario {

// C++'s names as the source has them, without parameters: "bank::Counter::add". Others as they are.
std::string name_in_source(const char* linked);

}  // namespace trapline::scenario
