// trapline schema: the JSON Schema of scenario files.
#include <CLI/CLI.hpp>
#include <iostream>
#include <stdexcept>

#include "emu/scenario/schema_json.hpp"
#include "tools/commands.hpp"

namespace trapline::tools {

void add_schema(CLI::App& app, int& /*status*/) {
  CLI::App* const command = app.add_subcommand("schema", "Print the JSON Schema of scenario files");
  command->footer("Example:\n  trapline schema > scenario.schema.json");
  command->callback([] {
    std::cout << scenario::json_schema() << std::flush;
    if (!std::cout) throw std::runtime_error("cannot write the schema to stdout");
  });
}

}  // namespace trapline::tools
