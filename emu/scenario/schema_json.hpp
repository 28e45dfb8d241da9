// The format of scenario files as a JSON Schema.
#pragma once

#include <string>

namespace trapline::scenario {

// Draft 2020-12, indented by two spaces, with a newline at its end.
std::string json_schema();

}  // namespace trapline::scenario
