// The subcommands. Each adds itself to the command line and, when chosen, sets the exit status of the
// program.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace trapline::tools {

void add_run(CLI::App& app, int& status);
void add_exec(CLI::App& app, int& status);
void add_conformance(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);
void add_silicon(CLI::App& app, int& status);

}  // namespace trapline::tools
