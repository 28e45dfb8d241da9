#include "emu/scenario/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace trapline::scenario {

std::string Manifest::text() const {
  std::string text = fmt::format("{}\n", program);
  for (const Input& input : inputs) text += fmt::format("{} {}\n", input.hash, input.name.string());
  return text;
}

Manifest Manifest::parse(const std::string& text) {
  std::istringstream lines(text);
  Manifest manifest;
  std::getline(lines, manifest.program);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = std::min(line.find(' '), line.size());
    manifest.inputs.push_back({line.substr(0, space), line.substr(std::min(space + 1, line.size()))});
  }
  return manifest;
}

}  // namespace trapline::scenario
