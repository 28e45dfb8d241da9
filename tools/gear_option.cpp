#include "tools/gear_option.hpp"

#include <CLI/CLI.hpp>

namespace trapline::tools {

void add_gear_option(CLI::App& command, std::string& gear) {
  gear = "watched-pages";
  command
      .add_option("--gear", gear,
                  "What the engine observes: the same events and cycles either way, but 'everything' is slow")
      ->check(CLI::IsMember({"watched-pages", "everything"}))
      ->capture_default_str();
}

machine::Gear gear_from_name(const std::string& name) {
  return name == "everything" ? machine::Gear::Everything : machine::Gear::WatchedPages;
}

}  // namespace trapline::tools
