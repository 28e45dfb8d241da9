// The option that chooses the engine's gear, for the subcommands that run guests.
#pragma once

#include <string>

#include "emu/machine/engine.hpp"
#include "tools/command_line.hpp"

namespace trapline::tools {

void add_gear_option(Command& command, std::string& gear);
machine::Gear gear_from_name(const std::string& name);

}  // namespace trapline::tools
