#include "tools/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace trapline::tools {

bool takes_colours(int fd) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view(value ? value : "");
  };
  return ::isatty(fd) != 0 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

}  // namespace trapline::tools
