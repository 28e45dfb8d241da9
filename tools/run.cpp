#include <CLI/CLI.hpp>

#include "tools/commands.hpp"
namespace trapline::tools {
void add_run(CLI::App& /*app*/, int& /*status*/) {}
}  // namespace trapline::tools
