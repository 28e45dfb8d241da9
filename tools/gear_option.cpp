#include "tools/gear_option.hpp"

namespace trapline::tools {

void add_gear_option(Command& command, std::string& gear) {
  gear = "watched-pages";
  command
      .option("--gear", &gear,
              "What the engine observes: the same events and cycles either way, but 'everything' is slow")
      .one_of({"watched-pages", "everything"})
      .shows_default();
}

machine::Gear gear_from_name(const std::string& name) {
  return name == "everything" ? machine::Gear::Everything : machine::Gear::WatchedPages;
}

}  // namespace trapline::tools
