#include "tools/version.hpp"

#include <fmt/format.h>

#include "emu/kernel/release.hpp"
#include "emu/machine/engine_version.hpp"

namespace trapline::tools {

std::string version() { return TRAPLINE_VERSION; }

std::string version_text() {
  return fmt::format("trapline {} (model of Linux {}; Unicorn {})", version(), kernel::kLinuxVersion,
                     machine::engine_version());
}

}  // namespace trapline::tools
