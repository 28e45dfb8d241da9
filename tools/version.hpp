// Which Trapline this is.
#pragma once

#include <string>

namespace trapline::tools {

// "0.1.0"
std::string version();

// What `--version` prints: with what it models, and the engine that runs.
std::string version_text();

}  // namespace trapline::tools
