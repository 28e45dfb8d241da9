#include "emu/kernel/module/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <limits>
#include <optional>

#include "emu/kernel/module/module_object.hpp"

namespace trapline::kernel {

namespace {

// struct kernel_param of the headers for modules.
constexpr std::uint64_t kParameterSize = 48;
constexpr std::uint64_t kNameAt = 0;
constexpr std::uint64_t kTypeAt = 8;
constexpr std::uint64_t kArgAt = 16;
constexpr std::uint64_t kSizeAt = 28;
constexpr std::uint64_t kCountAt = 32;
constexpr std::uint64_t kMaxAt = 40;

struct NumberRange {
  std::string_view type;
  unsigned bytes;
  bool is_signed;
};
constexpr std::array kNumbers{
    NumberRange{"byte", 1, false},  NumberRange{"short", 2, true},   NumberRange{"ushort", 2, false},
    NumberRange{"int", 4, true},    NumberRange{"uint", 4, false},   NumberRange{"long", 8, true},
    NumberRange{"ulong", 8, false}, NumberRange{"ullong", 8, false}, NumberRange{"hexint", 4, false}};

// kstrtoll() and its like with base 0; a line feed may follow.
std::optional<std::uint64_t> parse_number(std::string_view text, const NumberRange& range) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value, base);
  if (error != std::errc() || end != text.end() || (negative && !range.is_signed)) return std::nullopt;
  const unsigned bits = 8 * range.bytes - (range.is_signed ? 1 : 0);
  const std::uint64_t most = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  if (value > most + (negative ? 1 : 0)) return std::nullopt;
  return negative ? 0 - value : value;
}

// strtobool()
std::optional<bool> parse_bool(std::string_view text) {
  if (text.starts_with('y') || text.starts_with('Y') || text.starts_with('1') || text.starts_with('t') ||
      text.starts_with('T') || text.starts_with("on") || text.starts_with("ON"))
    return true;
  if (text.starts_with('n') || text.starts_with('N') || text.starts_with('0') || text.starts_with('f') ||
      text.starts_with('F') || text.starts_with("of") || text.starts_with("OF"))
    return false;
  return std::nullopt;
}

// next_arg(): the next of "name=value name=\"a value\" name".
struct Given {
  std::string name;
  std::string value;
  bool has_value = false;
};
std::optional<Given> next_argument(std::string_view& rest) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  Given given;
  bool quoted = false;
  while (!rest.empty() && (quoted || !blank(rest.front()))) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"')
      quoted = !quoted;
    else if (c == '=' && !given.has_value)
      given.has_value = true;
    else
      (given.has_value ? given.value : given.name) += c;
  }
  return given;
}

// Names that differ by - and _ are the same (parameq()).
std::string canonical(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace

struct Parameters::Parameter {
  std::string name;
  std::string type;
  GuestVa where;
  std::uint64_t size = 0;  // bytes: of one of an array, or of a text
  GuestVa count;           // of an array: where it is told how many there are; 0 of all else
  std::uint64_t max = 0;
};

bool Parameters::set_one(const Parameter& parameter, GuestVa where, std::string_view value, bool given) {
  const auto number = std::ranges::find(kNumbers, parameter.type, &NumberRange::type);
  if (number != kNumbers.end()) {
    const auto parsed = given ? parse_number(value, *number) : std::nullopt;
    return parsed && space_.write_word(where, *parsed, number->bytes);
  }
  if (parameter.type == "bool" || parameter.type == "invbool") {
    const auto parsed = given ? parse_bool(value) : std::optional(true);
    return parsed && space_.write_word(where, *parsed != (parameter.type == "invbool") ? 1 : 0, 1);
  }
  const bool text = parameter.type == "string";
  if ((!text && parameter.type != "charp") || !given) return false;
  std::vector<std::byte> bytes;
  for (const char c : value) bytes.push_back(static_cast<std::byte>(c));
  bytes.push_back(std::byte{0});
  if (text) return bytes.size() <= parameter.size && space_.write(where, bytes);
  const GuestVa copy = space_.kmalloc(bytes.size());
  return copy.value != 0 && space_.write(copy, bytes) && space_.write_word(where, copy.value);
}

bool Parameters::set_array(const Parameter& parameter, std::string_view value) {
  std::uint64_t count = 0;
  for (bool more = true; more; ++count) {
    const std::size_t comma = value.find(',');
    more = comma != std::string_view::npos;
    if (count >= parameter.max ||
        !set_one(parameter, parameter.where + count * parameter.size, value.substr(0, comma), true))
      return false;
    if (more) value.remove_prefix(comma + 1);
  }
  return space_.write_word(parameter.count, count, 4);
}

void Parameters::set(std::string_view module, std::string_view arguments,
                     const std::function<void(const std::string&)>& warn) {
  std::vector<Parameter> known;
  for (std::uint64_t at = 0; at + kParameterSize <= bytes_; at += kParameterSize) {
    const GuestVa entry = section_ + at;
    const auto word = [&](std::uint64_t offset, std::size_t size) {
      return space_.read_word(entry + offset, size).value_or(0);
    };
    known.push_back({.name = canonical(space_.read_string(GuestVa(word(kNameAt, 8))).value_or("")),
                     .type = space_.read_string(GuestVa(word(kTypeAt, 8))).value_or(""),
                     .where = GuestVa(word(kArgAt, 8)),
                     .size = word(kSizeAt, 4),
                     .count = GuestVa(word(kCountAt, 8)),
                     .max = word(kMaxAt, 4)});
  }
  while (const auto given = next_argument(arguments)) {
    const auto parameter = std::ranges::find(known, canonical(given->name), &Parameter::name);
    if (parameter == known.end()) {
      warn(fmt::format("\0014{}: unknown parameter '{}' ignored\n", module, given->name));
      continue;
    }
    const bool set = parameter->count.value != 0
                         ? given->has_value && set_array(*parameter, given->value)
                         : set_one(*parameter, parameter->where, given->value, given->has_value);
    if (set) continue;
    if (parameter->type == "callback") {
      throw ModuleError(EOPNOTSUPP,
                        fmt::format("sets its parameter `{}` by a function of its own (module_param_cb), "
                                    "which is not modelled",
                                    given->name));
    }
    warn(fmt::format("\0013{}: `{}' invalid for parameter `{}'\n", module, given->value, given->name));
    throw ModuleError(EINVAL, fmt::format("`{}` is no value for its parameter `{}` ({})", given->value,
                                          given->name, parameter->type));
  }
}

}  // namespace trapline::kernel
