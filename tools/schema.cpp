// trapline schema: the JSON Schema of scenario files.
#include <iostream>
#include <stdexcept>

#include "emu/scenario/schema_json.hpp"
#include "tools/commands.hpp"

namespace trapline::tools {

void add_schema(CommandLine& line) {
  Command command = line.command("schema", "Print the JSON Schema of scenario files");
  command.footer("Example:\n  trapline schema > scenario.schema.json");
  command.runs([] {
    std::cout << scenario::json_schema() << std::flush;
    if (!std::cout) throw std::runtime_error("cannot write the schema to stdout");
    return 0;
  });
}

}  // namespace trapline::tools
