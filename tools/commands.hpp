// The subcommands. Each adds itself to the command line.
#pragma once

#include "tools/command_line.hpp"

namespace trapline::tools {

void add_run(CommandLine& line);
void add_exec(CommandLine& line);
void add_watch(CommandLine& line);
void add_conformance(CommandLine& line);
void add_schema(CommandLine& line);
void add_decode(CommandLine& line);
void add_silicon(CommandLine& line);
void add_lab(CommandLine& line);
// Of all that the command line has when they are run.
void add_completion(CommandLine& line);
void add_manual(CommandLine& line);

}  // namespace trapline::tools
