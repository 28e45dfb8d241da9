#include "emu/scenario/lab/overlay.hpp"

#include <algorithm>

#include "emu/scenario/yaml.hpp"

namespace trapline::scenario::lab {

namespace {

std::vector<std::string_view> lines_with_ends(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

}  // namespace

Overlaid lay_over(std::string_view student, const std::string& file, const std::vector<std::string>& takes,
                  std::string_view check) {
  const yaml::Node root = yaml::parse(student, file);
  const std::vector<std::string_view> lines = lines_with_ends(student);
  std::vector<bool> kept(lines.size(), false);
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const yaml::Node& key = root.keys[i];
    if (key.column != 1)
      throw InputError({file, key.line, key.column},
                       "begin each of the topmost keys at the beginning of a line");
    if (std::ranges::find(takes, key.text) == takes.end()) continue;
    const std::size_t end = i + 1 < root.keys.size() ? root.keys[i + 1].line - 1 : lines.size();
    std::fill(kept.begin() + static_cast<std::ptrdiff_t>(key.line - 1),
              kept.begin() + static_cast<std::ptrdiff_t>(end), true);
  }
  Overlaid result;
  for (std::size_t i = 0; i < lines.size(); ++i) result.text += kept[i] ? lines[i] : "\n";
  if (!result.text.ends_with('\n')) result.text += '\n';
  result.check_line = std::max<std::size_t>(lines.size(), 1) + 1;
  result.text += check;
  return result;
}

}  // namespace trapline::scenario::lab
