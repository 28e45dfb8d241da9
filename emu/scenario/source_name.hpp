#pragma once

#include <string>

namespace trapline::scenario {

// C++'s names as the source has them, without parameters: "bank::Counter::add". Others as they are.
std::string source_name(const char* linked);

}  // namespace trapline::scenario
