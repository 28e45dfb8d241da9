#include "emu/kernel/task/script.hpp"

#include <algorithm>
#include <string_view>

namespace trapline::kernel {

Result<std::optional<Script>> script_of(std::span<const std::byte> image) {
  constexpr std::size_t kLooksAt = 256;  // BINPRM_BUF_SIZE
  constexpr std::string_view kBlanks = " \t";
  const std::string_view start(reinterpret_cast<const char*>(image.data()), std::min(image.size(), kLooksAt));
  if (!start.starts_with("#!")) return std::optional<Script>();
  const std::size_t end = std::min({start.find('\n'), start.find('\0'), start.size()});
  // A line that goes on may do so in its argument, but not in the interpreter's name.
  const bool cut = end == kLooksAt;
  std::string_view line = start.substr(2, end - 2);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::size_t name = std::min(line.find_first_of(kBlanks), line.size());
  if (name == 0 || (cut && name == line.size())) return Error{ENOEXEC};
  Script script{std::string(line.substr(0, name))};
  std::string_view rest = line.substr(name);
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  rest = rest.substr(0, rest.find_last_not_of(kBlanks) + 1);
  if (!rest.empty()) script.argument = std::string(rest);
  return std::optional(std::move(script));
}

}  // namespace trapline::kernel
